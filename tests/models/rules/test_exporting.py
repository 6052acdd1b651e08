"""Files as they are written: cells that no spreadsheet calculates, lines that every program reads."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import exporting

AT = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix(exporting.BYTE_ORDER_MARK), newline="")))


def written(format_: str, *values: object) -> str:
    columns = [f"c{place}" for place in range(len(values))]
    return "".join(exporting.lines(format_, columns, [dict(zip(columns, values, strict=True))]))


def test_a_table_has_a_head_and_a_cell_for_each_value() -> None:
    text = written("csv", None, True, -7, 1.5, AT, ["a", "b, c"], 'He said "no",\nand left')
    assert text.startswith("\ufeff")
    assert table(text)[1] == ["", "yes", "-7", "1.5", "2026-03-05T12:30:00+00:00", "a, b, c", 'He said "no",\nand left']


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "'="])
def test_no_text_is_calculated(sign: str) -> None:
    for value in (f"{sign}cmd|'/c calc'!A1", [f"{sign}HYPERLINK(1)"]):
        assert table(written("csv", value))[1][0].startswith("'")


def test_lines_keep_lists_and_nothings() -> None:
    assert json.loads(written("jsonl", None, True, AT, ["=a"], "é")) == {
        "c0": None, "c1": True, "c2": "2026-03-05T12:30:00+00:00", "c3": ["=a"], "c4": "é",
    }  # fmt: skip


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00")), min_size=1, max_size=5
    )
)
def test_whatever_was_written_comes_back(values: list[str]) -> None:
    from models.rules.spreadsheets import restored

    assert [restored(cell) for cell in table(written("csv", *values))[1]] == values
    assert list(json.loads(written("jsonl", *values)).values()) == values
    assert written("jsonl", *values).count("\n") == 1
