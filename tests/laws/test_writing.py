"""Law 2: rules are pure, and only the actions write."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.sources import Source, broken, python

# Values in, values out: ua_parser turns a header into names, csv and json a text into rows; email and html write a letter
# out; zoneinfo is a table; hmac and hashlib reckon; lxml, inscriptis, nh3 and quotequail read the HTML and the quotes of
# mails. Whatever reads a clock, a die, a file or a socket is none of these.
PURE = frozenset(
    "__future__ base64 collections contextlib csv dataclasses datetime email enum functools hashlib hmac html idna"
    " inscriptis io ipaddress itertools json lxml math models.errors models.rules nh3 operator quotequail re"
    " statistics string types typing ua_parser unicodedata urllib.parse zoneinfo".split()
)
# Stands beside the table it prints, and is run by hand to renew a page of the docs.
NO_RULE = {"models/rules/lifecycle_page.py"}
ASKS_THE_WORLD = frozenset({"now", "utcnow", "today", "open", "input", "print"})

PAINTS = ("models/media/pictures.py",)  # what it saves are pictures, and no rows
MAY_WRITE = ("models/actions/", "models/tables/", "models/migrations/", "models/seeds/")
WRITING_METHODS = frozenset({"create", "insert", "insert_many", "update", "delete", "get_or_create"})
SAVING_METHODS = frozenset({"save", "delete_instance", "bulk_create", "bulk_update"})
WRITING_SQL = re.compile(r"\b(insert\s+into|update\s+\w+\s+set|delete\s+from|truncate\s+table)\b", re.I)


def impure(source: Source) -> Iterator[str]:
    for name, node in source.imports():
        if not any(name == pure or name.startswith(f"{pure}.") for pure in PURE):
            yield source.at(node, f"imports {name}")
    for call in source.calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in ASKS_THE_WORLD:
            yield source.at(call, f"calls {name}()")


def writes(source: Source) -> Iterator[str]:
    for call in source.calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        of = call.func.value
        table = isinstance(of, ast.Name) and of.id[0].isupper()
        if (table and call.func.attr in WRITING_METHODS) or call.func.attr in SAVING_METHODS:
            yield source.at(call, f"{ast.unparse(call.func)}()")
    for text in source.texts():
        if WRITING_SQL.search(text.value):
            yield source.at(text, "says " + " ".join(text.value.split())[:50])


def test_rules_take_values_and_give_values() -> None:
    found = broken(impure, (source for source in python("models/rules") if source.path not in NO_RULE))
    assert not found, f"A rule that reads a clock, a die or a row cannot be tried with every value: {found}"


def test_only_the_actions_write() -> None:
    others = (source for source in python() if not source.path.startswith(MAY_WRITE + PAINTS))
    found = broken(writes, others)
    assert not found, f"A write outside an action has no lock, no log entry and no announcement: {found}"


@pytest.mark.parametrize(
    "planted",
    [
        "import random",
        "from models.db import one",
        "from models.clock import now",
        "import time",
        "def late(at):\n    return at < datetime.now(UTC)",
        "def words():\n    return open('words.txt')",
    ],
)
def test_an_impure_rule_is_seen(planted: str) -> None:
    assert list(impure(Source("models/rules/planted.py", planted)))


@pytest.mark.parametrize(
    "planted",
    [
        "Chat.update(state='ended').where(Chat.id == 1).execute()",
        "def add():\n    Agent.create(name='Ada')",
        "chat.save()",
        "rows('update chat set owner_id = null where id = %s', (1,))",
        "db.execute_sql(f'delete from {table}')",
        "one('with gone as (delete from ticket returning 1) select * from gone')",
        "SQL = '''\ninsert into message (body) values (%s)\n'''",
    ],
)
def test_a_write_elsewhere_is_seen(planted: str) -> None:
    assert list(writes(Source("web/planted.py", planted)))


@pytest.mark.parametrize(
    "innocent",
    [
        "known.update(more)",
        "names.insert(0, 'web')",
        "rows('select * from chat for update')",
        '"""We delete from x."""',
    ],
)
def test_what_does_not_write_is_left_alone(innocent: str) -> None:
    assert not list(writes(Source("web/planted.py", innocent)))
