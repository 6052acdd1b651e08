"""Writes the life of a chat into its page, so that people read the same table the code obeys.

    python -m models.rules.lifecycle_page docs/lifecycle.md

renews what stands between the two markers and leaves every other word alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from models.rules.lifecycle import TABLE, Allowed, Cell, Command, State, diagram

BEGIN = "<!-- written by models/rules/lifecycle_page.py: begin -->"
END = "<!-- written by models/rules/lifecycle_page.py: end -->"


def renewed(page: str) -> str:
    """Return the page with today's diagram, table and list of transitions between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError("The page has lost its markers.")
    parts = [BEGIN, f"```mermaid\n{diagram()}\n```", _grid(), _transitions(), END]
    return before + "\n\n".join(parts) + after


def write(path: Path) -> None:
    """Renew the page on disk."""
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


def _grid() -> str:
    rows = [["command", *State], ["---"] * (len(State) + 1)]
    rows += [[f"`{command}`", *(_shown(TABLE[state, command]) for state in State)] for command in Command]
    return "\n".join(_line(row) for row in rows)


def _shown(cell: Cell) -> str:
    if not isinstance(cell, Allowed):
        return f"`{cell.code}`"
    landings = " or ".join(filter(None, (cell.to, cell.or_to)))
    return " → ".join(filter(None, (cell.transition, landings))) or "stays"


def _transitions() -> str:
    """List what each transition means, once, in the order of their numbers."""
    meanings = {cell.transition: cell.note for cell in TABLE.values() if isinstance(cell, Allowed) and cell.transition}
    numbered = sorted(meanings.items(), key=lambda item: int(item[0].removeprefix("T")))
    return "\n".join([_line(["", "what happens"]), _line(["---"] * 2), *(_line(list(item)) for item in numbered)])


def _line(columns: list[str]) -> str:
    return f"| {' | '.join(columns)} |"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
