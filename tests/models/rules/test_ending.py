"""Five reasons, one of which explains nothing by itself."""

from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules.ending import EndCause, code_for, explanation, suggestion
from models.schemas.chats import END_CAUSES


def test_the_wire_knows_the_same_causes() -> None:
    assert tuple(EndCause) == END_CAUSES


@pytest.mark.parametrize("note", [None, "", "  ", "ab", " ab  ", "\n\tx\n", "x" * 501])
def test_a_reason_that_says_nothing_needs_an_explanation_of_3_to_500_characters(note: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        explanation(note, needed=True)
    assert refusal.value.code == "reason_required"


@pytest.mark.parametrize("note", ["abc", "  abc ", "x" * 500, f" {'x' * 500}\n"])
def test_an_explanation_is_kept_trimmed(note: str) -> None:
    assert explanation(note, needed=True) == note.strip()


def test_every_other_reason_may_go_without() -> None:
    assert explanation(None, needed=False) is None
    assert explanation("   ", needed=False) is None
    assert explanation(" ok ", needed=False) == "ok"
    with pytest.raises(Invalid):
        explanation("x" * 501, needed=False)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Sent to repair", "sent_to_repair"),
        ("Zurück an Händler", "zuruck_an_handler"),
        ("  -- Call back! ", "call_back"),
        ("再联系", "reason"),
        ("24 hours", "reason"),
        ("R", "reason"),
        ("x" * 60, "x" * 32),
        ("Other", "other_3"),
    ],
)
def test_a_reason_of_the_desks_own_gets_a_code_from_its_label(label: str, code: str) -> None:
    assert code_for(label, {"other", "other_2"}) == code


@pytest.mark.parametrize(("messages", "suggested"), [(0, "no_response"), (1, "no_response"), (2, None), (9, None)])
def test_who_hardly_wrote_gave_no_response(messages: int, suggested: str | None) -> None:
    assert suggestion(messages) == suggested
