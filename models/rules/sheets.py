"""Lists of the desk as files: JSON for another desk, CSV for a spreadsheet. Pure text in, plain records out, and back.

A JSON file is a list of objects. A CSV file has a header line; commas, semicolons or tabs divide it, and a cell that
holds a list has one entry a line.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.rules.spreadsheets import defused, restored

BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something older

Record = dict[str, Any]


class Problem(NamedTuple):
    """Why a row cannot be taken. Row 1 is the first record; 0 is the file itself."""

    row: int
    name: str
    message: str


Read = tuple[list[tuple[int, Record]], list[Problem]]


@dataclass(frozen=True)
class Sheet:
    """What a file of one kind of thing holds. `noun`: what to call one of them; the first column names it."""

    noun: str
    columns: tuple[str, ...]
    needed: frozenset[str]
    optional: frozenset[str]  # an empty cell is nothing at all
    lists: frozenset[str] = frozenset()

    def written(self, records: Sequence[Record], kind: str) -> str:
        """The file as text. What is missing is null in JSON and empty in CSV."""
        plain = [{column: record[column] for column in self.columns} for record in records]
        if kind == "json":
            return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
        out = io.StringIO()
        table = csv.writer(out, quoting=csv.QUOTE_ALL)
        table.writerow(self.columns)
        table.writerows([defused(_cell(record[column])) for column in self.columns] for record in plain)
        return BOM + out.getvalue()

    def read(self, text: str, kind: str) -> Read:
        """The rows of a file, each with its number, and what is wrong with the form of the others."""
        text = text.removeprefix(BOM)
        found, problems = self._read_json(text) if kind == "json" else self._read_csv(text)
        for number, record in found:
            if missing := sorted(self.needed - record.keys()):
                problems.append(Problem(number, self._name(record), f"Without {', '.join(missing)}."))
            if unknown := sorted(record.keys() - set(self.columns)):
                problems.append(
                    Problem(number, self._name(record), f"Not a column of ours: {', '.join(unknown)[:80]}.")
                )
        wrong = {problem.row for problem in problems}
        if not found and not problems:
            problems.append(Problem(0, "", f"There is no {self.noun} in this file."))
        return [each for each in found if each[0] not in wrong], problems

    def _name(self, record: Record) -> str:
        return str(record.get(self.columns[0]) or "")[:32]

    def _read_json(self, text: str) -> Read:
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError) as fault:
            place = f" (line {fault.lineno})" if isinstance(fault, json.JSONDecodeError) else ""
            return [], [Problem(0, "", f"This is not a JSON file{place}.")]
        if not isinstance(rows, list):
            return [], [Problem(0, "", f"The file is not a list of {self.noun}s.")]
        found = [(number, row) for number, row in enumerate(rows, 1) if isinstance(row, dict)]
        odd = [Problem(number, "", "Not an object.") for number, row in enumerate(rows, 1) if not isinstance(row, dict)]
        return found, odd

    def _read_csv(self, text: str) -> Read:
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
        if wrong := self._header_fault(header):
            return [], [Problem(0, "", wrong)]
        found, problems = [], []
        for number, line in enumerate(lines[1:], 1):
            cells = [restored(cell) for cell in line]
            if len(cells) != len(header):
                said = f"{len(cells)} cells, where the first line has {len(header)}."
                problems.append(Problem(number, cells[0][:32], said))
                continue
            found.append((number, {key: self._value(key, cell) for key, cell in zip(header, cells, strict=True)}))
        return found, problems

    def _header_fault(self, header: list[str]) -> str | None:
        if missing := sorted(self.needed - set(header)):
            return f"The first line names no {', '.join(missing)}."
        if unknown := sorted(set(header) - set(self.columns)):
            return f"Not a column of ours: {', '.join(unknown)[:80]}."
        return "The first line names a column twice." if len(set(header)) < len(header) else None

    def _value(self, column: str, cell: str) -> Any:
        if column in self.lists:
            return [line.strip() for line in cell.splitlines() if line.strip()]
        return cell or None if column in self.optional else cell


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")
