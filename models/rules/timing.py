"""Times of a desk or a team that only make sense together."""

from __future__ import annotations

from collections.abc import Mapping

from models.errors import Invalid

FIELDS = ("idle_warn_s", "idle_end_s")
DESK_FIELDS = (*FIELDS, "wait_warn_s", "wait_late_s")

_PAIRS = (
    ("idle_warn_s", "idle_end_s", "A chat is closed some time after the customer was asked, not before."),
    ("wait_warn_s", "wait_late_s", "A wait turns red later than it turns amber."),
)


def check(times: Mapping[str, int]) -> None:
    """Raise `Invalid`, naming the later of two fields, when the second does not come after the first."""
    for first, second, sentence in _PAIRS:
        if first in times and second in times and times[second] <= times[first]:
            raise Invalid(sentence, fields={second: [sentence]})
