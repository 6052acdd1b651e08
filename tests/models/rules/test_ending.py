"""Five reasons, one of which explains nothing by itself."""

from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules.ending import EndCause, EndReason, explanation, suggestion
from models.schemas.chats import END_CAUSES


def test_the_wire_knows_the_same_causes() -> None:
    assert tuple(EndCause) == END_CAUSES


@pytest.mark.parametrize("note", [None, "", "  ", "ab", " ab  ", "\n\tx\n", "x" * 501])
def test_others_needs_an_explanation_of_3_to_500_characters(note: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        explanation("other", note)
    assert refusal.value.code == "reason_required"


@pytest.mark.parametrize("note", ["abc", "  abc ", "x" * 500, f" {'x' * 500}\n"])
def test_an_explanation_is_kept_trimmed(note: str) -> None:
    assert explanation("other", note) == note.strip()


@pytest.mark.parametrize("reason", [reason for reason in EndReason if reason is not EndReason.OTHER])
def test_every_other_reason_may_go_without(reason: EndReason) -> None:
    assert explanation(reason, None) is None
    assert explanation(reason, "   ") is None
    assert explanation(reason, " ok ") == "ok"
    with pytest.raises(Invalid):
        explanation(reason, "x" * 501)


@pytest.mark.parametrize(("messages", "suggested"), [(0, "no_response"), (1, "no_response"), (2, None), (9, None)])
def test_who_hardly_wrote_gave_no_response(messages: int, suggested: str | None) -> None:
    assert suggestion(messages) == suggested
