"""The 115 cells, written down a second time by hand from the description of the life of a chat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import Conflict
from models.rules import lifecycle_page
from models.rules.lifecycle import TABLE, Allowed, Cell, Command, Refused, State, check, diagram, late_notes_allowed

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"

# `=` the state stays · `T6>active` transition and where it leads · `T20=` transition, the state stays
# · conflict, taken, owner, closed: refused with state_conflict, already_taken, not_owner, offer_closed
DESIGN = """
                 bot         queued      active               escalated            ended
visitor_message  =           =           =                    =                    T20=
visitor_end      T4>ended    T8>ended    T18>ended            T18>ended            conflict
queue_leave      conflict    T8>ended    =                    =                    conflict
bot_handoff      T3>queued   conflict    conflict             conflict             conflict
bot_resolve      T4>ended    conflict    conflict             conflict             conflict
takeover         T5>active   conflict    taken                taken                conflict
pick             conflict    T6>active   taken                taken                conflict
auto_assign      conflict    T7>active   taken                taken                conflict
agent_message    conflict    conflict    =                    =                    owner
note             =           =           =                    =                    =
tag              =           =           =                    =                    =
reassign         conflict    conflict    T9=                  conflict             conflict
escalate         conflict    conflict    T10>escalated        conflict             conflict
accept           closed      closed      closed               T11>active           closed
reject           closed      closed      closed               T12>active/queued    closed
cancel           closed      closed      closed               T13>active           closed
offer_timeout    closed      closed      closed               T14>active/queued    closed
end              conflict    conflict    T17>ended            T17>ended            conflict
return_to_queue  conflict    conflict    T16>queued           conflict             conflict
owner_gone       conflict    conflict    T16>queued           conflict             conflict
idle_end         T4>ended    conflict    T19>ended            conflict             conflict
force            T21=        T21=        T21=                 T21=                 conflict
merge            T22>ended   T22>ended   T22>ended            T22>ended            conflict
"""
CODES = {
    "state_conflict": "conflict",
    "already_taken": "taken",
    "not_owner": "owner",
    "offer_closed": "closed",
}


def cells() -> list[tuple[str, str, str]]:
    header, *rows = (line.split() for line in DESIGN.strip().splitlines())
    return [(state, row[0], cell) for row in rows for state, cell in zip(header, row[1:], strict=True)]


def spelled(cell: Cell) -> str:
    """Write a cell of the code the way the grid above writes it."""
    if isinstance(cell, Refused):
        return CODES[cell.code]
    landings = "/".join(filter(None, (cell.to, cell.or_to)))
    return f"{cell.transition}>{landings}" if landings else f"{cell.transition}="


@pytest.mark.parametrize(("state", "command", "expected"), cells())
def test_every_cell_is_as_designed(state: str, command: str, expected: str) -> None:
    assert spelled(TABLE[State(state), Command(command)]) == expected


@pytest.mark.parametrize(("state", "command", "expected"), cells())
def test_check_answers_or_refuses_as_its_cell_says(state: str, command: str, expected: str) -> None:
    cell = TABLE[State(state), Command(command)]
    if isinstance(cell, Allowed):
        assert check(State(state), Command(command)) is cell
    else:
        with pytest.raises(Conflict) as refusal:
            check(State(state), Command(command))
        assert refusal.value.code == cell.code
        assert refusal.value.detail == {"state": state}
        assert refusal.value.sentence


def test_all_115_cells_are_there() -> None:
    assert len(cells()) == len(TABLE) == 5 * 23
    assert set(TABLE) == {(state, command) for state in State for command in Command}


def test_an_ended_chat_never_lives_again() -> None:
    from_ended = [TABLE[State.ENDED, command] for command in Command]
    assert all(cell.to is None for cell in from_ended if isinstance(cell, Allowed))


def test_a_refusal_carries_the_facts_of_the_race() -> None:
    with pytest.raises(Conflict) as refusal:
        check(State.ACTIVE, Command.PICK, version=4, by="Ana")
    assert refusal.value.detail == {"state": "active", "version": 4, "by": "Ana"}


def test_nothing_reaches_a_person_without_a_command_that_names_one() -> None:
    """A chat gets an owner by being picked, given, taken over or accepted, and in no other way."""
    ways_in = {
        command
        for (state, command), cell in TABLE.items()
        if state in {State.BOT, State.QUEUED} and isinstance(cell, Allowed) and cell.to is State.ACTIVE
    }
    assert ways_in == {Command.TAKEOVER, Command.PICK, Command.AUTO_ASSIGN}


def test_every_open_chat_can_be_ended_by_somebody() -> None:
    for state in State:
        if state is not State.ENDED:
            assert any(getattr(TABLE[state, command], "to", None) is State.ENDED for command in Command)


@pytest.mark.parametrize(("hours", "allowed"), [(0, True), (71, True), (72, True), (72.001, False), (500, False)])
def test_an_ended_chat_takes_notes_for_72_hours(hours: float, allowed: bool) -> None:
    ended_at = datetime(2025, 3, 1, 12, tzinfo=UTC)
    assert late_notes_allowed(ended_at, ended_at + timedelta(hours=hours)) is allowed


def test_the_diagram_draws_every_move_of_the_table_once() -> None:
    for (state, command), cell in TABLE.items():
        if isinstance(cell, Allowed) and cell.to is not None:
            arrow = [line for line in diagram().splitlines() if line.strip().startswith(f"{state} --> {cell.to}:")]
            assert len(arrow) == 1
            assert f"{cell.transition} {command}" in arrow[0]


def test_the_page_says_what_the_table_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == lifecycle_page.renewed(page), "run: python -m models.rules.lifecycle_page docs/lifecycle.md"


def test_writing_the_page_keeps_every_other_word(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{lifecycle_page.BEGIN}\nstale\n{lifecycle_page.END}\nAfter.\n", encoding="utf-8")
    lifecycle_page.write(page)
    written = page.read_text(encoding="utf-8")
    assert written.startswith("Before.\n")
    assert written.endswith("\nAfter.\n")
    assert "stale" not in written
    assert diagram() in written


def test_a_page_without_markers_is_not_touched(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("No markers.", encoding="utf-8")
    with pytest.raises(ValueError, match="markers"):
        lifecycle_page.write(page)
    assert page.read_text(encoding="utf-8") == "No markers."
