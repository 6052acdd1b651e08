"""Text in the cells of a CSV file, so that no spreadsheet takes it for a formula.

A cell that a spreadsheet would calculate gets an apostrophe before it, and loses it again when it comes back.
A cell that has such an apostrophe of its own gets one more, so that nothing is lost on the way.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[\s\ufeff]*[=+\-@\t\r\x00＝＋－＠]")
_DEFUSED = re.compile(r"'+[\s\ufeff]*[=+\-@\t\r\x00＝＋－＠]")


def defused(cell: str) -> str:
    """The cell as it is written."""
    return "'" + cell if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """The cell as it was before it was written."""
    return cell[1:] if _DEFUSED.match(cell) else cell
