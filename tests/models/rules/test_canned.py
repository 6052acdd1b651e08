"""Canned messages: which variables there are, and their files, there and back."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.canned import SHORTCUT, VARIABLES, unknown, unknown_sentence
from models.rules.canned_files import CANNED
from models.rules.spreadsheets import defused, restored

RECORDS: list[dict[str, Any]] = [
    {"shortcut": "hello", "title": "Hello", "body": "Hello {{customer.name}}", "scope": "desk", "team": None},
    {"shortcut": "sum", "title": "=1+1", "body": '+1\n\n“quoted”, ; "and" \'=not', "scope": "team", "team": "-Orders"},
    {"shortcut": "mine", "title": "'Mine", "body": "'=HYPERLINK()", "scope": "personal", "team": None},
]


def test_every_variable_may_stand_in_a_body_with_or_without_spaces() -> None:
    assert unknown(" ".join(f"{{{{{name}}}}} {{{{ {name}\n}}}}" for name in VARIABLES)) == []


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("No braces, {one}, }} or {{", []),
        ("{{customer.nme}} and {{ customer.nme }} and {{x}}", ["customer.nme", "x"]),
        ("{{7*7}}", ["7*7"]),
        ("{{}}", [""]),
        ("{{ customer.name | upper }}", ["customer.name | upper"]),
        ("{{customer.__class__}}", ["customer.__class__"]),
        ("{{{{customer.name}}}}", ["{{customer.name"]),
        ("{{CUSTOMER.NAME}}", ["CUSTOMER.NAME"]),
    ],
)
def test_whatever_else_stands_between_braces_is_unknown(body: str, names: list[str]) -> None:
    assert unknown(body) == names


def test_the_refusal_names_what_is_unknown_and_what_is_known() -> None:
    said = unknown_sentence(["customer.nme"])
    assert said.startswith("“customer.nme” is not a variable.")
    assert all(name in said for name in VARIABLES)
    assert len(unknown_sentence(["x" * 4000] * 50)) < 600


@pytest.mark.parametrize("good", ["a", "7", "hello-there_2", "x" * 32])
def test_a_shortcut(good: str) -> None:
    assert SHORTCUT.fullmatch(good)


@pytest.mark.parametrize("bad", ["", "-a", "_a", "Hello", "héllo", "a b", "a/b", "x" * 33, "a\n"])
def test_no_shortcut(bad: str) -> None:
    assert not SHORTCUT.fullmatch(bad)


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_what_is_written_is_read_again(kind: str) -> None:
    text = CANNED.written(RECORDS, kind)
    assert CANNED.read(text, kind) == (list(enumerate(RECORDS, 1)), [])
    assert CANNED.written([], kind)


def test_no_cell_is_a_formula_to_a_spreadsheet() -> None:
    text = CANNED.written(RECORDS, "csv")
    assert text.startswith("\ufeff")
    for line in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
        for cell in line:
            assert cell.strip()[:1] not in tuple("=+-@＝＋－＠")


@pytest.mark.parametrize(
    "cell",
    ["=1", "+1", "-1", "@x", "\tx", "\rx", "\x00x", "  =1", "\ufeff=1", "＝1", "＋1", "－1", "＠x", "'=1", "''=1"],
)
def test_a_formula_is_written_as_text(cell: str) -> None:
    assert defused(cell) == "'" + cell
    assert restored(defused(cell)) == cell


@given(st.text(alphabet=st.sampled_from("'=+-@ a\t\r\n\ufeff＝"), max_size=8) | st.text(max_size=40))
def test_every_cell_comes_back_as_it_was(cell: str) -> None:
    assert restored(defused(cell)) == cell


@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_a_spreadsheet_of_any_country_is_read(divider: str) -> None:
    text = (
        divider.join(("Shortcut", "Title ", "body"))
        + "\r\n"
        + divider.join(("hello", "Hello", '"Hi,\nthere"'))
        + "\r\n\r\n"
    )
    found, problems = CANNED.read(text, "csv")
    assert found == [(1, {"shortcut": "hello", "title": "Hello", "body": "Hi,\nthere"})]
    assert problems == []


@pytest.mark.parametrize(
    ("kind", "text", "row", "said"),
    [
        ("json", "{", 0, "not a JSON file"),
        ("json", "[" * 100_000, 0, "not a JSON file"),
        ("json", "{}", 0, "not a list"),
        ("json", "[]", 0, "no canned message"),
        ("json", "[1]", 1, "Not an object"),
        ("json", json.dumps([{"shortcut": "a", "title": "b"}]), 1, "Without body"),
        ("json", json.dumps([RECORDS[0], {**RECORDS[0], "colour": 1}]), 2, "colour"),
        ("csv", "shortcut,title\na,b\n", 0, "names no body"),
        ("csv", "shortcut,title,body,colour\na,b,c,d\n", 0, "colour"),
        ("csv", "shortcut,title,body,body\na,b,c,d\n", 0, "twice"),
        ("csv", "shortcut,title,body\na,b\n", 1, "2 cells"),
        ("csv", "shortcut,title,body\na,b,c\nd,e,f,g\n", 2, "4 cells"),
        ("csv", 'shortcut,title,body\na,b,"c\n', 0, "not a CSV file"),
        ("csv", 'shortcut,title,body\na,b,"c"d\n', 0, "not a CSV file"),
        ("csv", "shortcut,title,body\n", 0, "no canned message"),
        ("csv", "\n\n", 0, "no canned message"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_row(kind: str, text: str, row: int, said: str) -> None:
    _, problems = CANNED.read(text, kind)
    assert [problem.row for problem in problems] == [row]
    assert said in problems[0].message
