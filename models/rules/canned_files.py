"""Canned messages as a file: JSON for another desk, CSV for a spreadsheet. Pure text in, plain rows out, and back.

A JSON file is a list of objects. A CSV file has a header line; commas, semicolons or tabs divide it. Both know the
columns `shortcut`, `title`, `body`, `scope` and `team`; the last two may be missing. Files are not carried over.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from models.rules.spreadsheets import defused, restored

COLUMNS = ("shortcut", "title", "body", "scope", "team")
NEEDED = frozenset(COLUMNS[:3])
BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something older

Record = dict[str, Any]


class Problem(NamedTuple):
    """Why a row cannot be taken. Row 1 is the first canned message; 0 is the file itself."""

    row: int
    shortcut: str
    message: str


def written(records: Sequence[Record], kind: str) -> str:
    """The file as text. A missing team is null in JSON and empty in CSV."""
    plain = [{column: record[column] for column in COLUMNS} for record in records]
    if kind == "json":
        return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    out = io.StringIO()
    table = csv.writer(out, quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    table.writerows([defused(record[column] or "") for column in COLUMNS] for record in plain)
    return BOM + out.getvalue()


def read(text: str, kind: str) -> tuple[list[tuple[int, Record]], list[Problem]]:
    """The rows of a file, each with its number, and what is wrong with the form of the others."""
    text = text.removeprefix(BOM)
    found, problems = _read_json(text) if kind == "json" else _read_csv(text)
    for number, record in found:
        if missing := sorted(NEEDED - record.keys()):
            problems.append(Problem(number, _shortcut(record), f"Without {', '.join(missing)}."))
        if unknown := sorted(record.keys() - set(COLUMNS)):
            problems.append(Problem(number, _shortcut(record), f"Not a column of ours: {', '.join(unknown)[:80]}."))
    wrong = {problem.row for problem in problems}
    if not found and not problems:
        problems.append(Problem(0, "", "There is no canned message in this file."))
    return [each for each in found if each[0] not in wrong], problems


def _shortcut(record: Record) -> str:
    return str(record.get("shortcut") or "")[:32]


def _read_json(text: str) -> tuple[list[tuple[int, Record]], list[Problem]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as fault:
        place = f" (line {fault.lineno})" if isinstance(fault, json.JSONDecodeError) else ""
        return [], [Problem(0, "", f"This is not a JSON file{place}.")]
    if not isinstance(rows, list):
        return [], [Problem(0, "", "The file is not a list of canned messages.")]
    found = [(number, row) for number, row in enumerate(rows, 1) if isinstance(row, dict)]
    odd = [Problem(number, "", "Not an object.") for number, row in enumerate(rows, 1) if not isinstance(row, dict)]
    return found, odd


def _read_csv(text: str) -> tuple[list[tuple[int, Record]], list[Problem]]:
    first = text.partition("\n")[0]
    divider = max(",;\t", key=first.count)
    try:
        lines = [
            line for line in csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True) if any(line)
        ]
    except csv.Error as fault:
        return [], [Problem(0, "", f"This is not a CSV file: {fault}.")]
    if not lines:
        return [], []
    header = [name.strip().lower() for name in lines[0]]
    if missing := sorted(NEEDED - set(header)):
        return [], [Problem(0, "", f"The first line names no {', '.join(missing)}.")]
    if unknown := sorted(set(header) - set(COLUMNS)):
        return [], [Problem(0, "", f"Not a column of ours: {', '.join(unknown)[:80]}.")]
    if len(set(header)) < len(header):
        return [], [Problem(0, "", "The first line names a column twice.")]
    found, problems = [], []
    for number, line in enumerate(lines[1:], 1):
        cells = [restored(cell) for cell in line]
        if len(cells) != len(header):
            problems.append(
                Problem(number, cells[0][:32], f"{len(cells)} cells, where the first line has {len(header)}.")
            )
            continue
        record: Record = dict(zip(header, cells, strict=True))
        found.append(
            (number, {key: value or None if key in ("scope", "team") else value for key, value in record.items()})
        )
    return found, problems
