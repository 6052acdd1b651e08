"""Law 9, and the habits that keep doors shut: aware times, no pickle, no values in SQL, no markup from text."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sources import ROOT, Law, Source, broken, frontend, python

OPAQUE = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
SQL_CALLS = {"rows", "one", "execute_sql", "execute", "SQL"}
# Pieces of SQL of our own that arrive as an argument, each with who guarantees it.
OWN_PIECES = {
    ("models/actions/knowledge_import.py", "noun"): "one of two files, given by this module's own callers",
    ("models/actions/services.py", "noun"): "one of two literals, given by this module and articles.py",
    ("models/queries/knowledge_base.py", "noun"): "one of two literals, given by this module's own callers",
    ("models/queries/chats.py", "counter"): "one of two literals, given by this module's own callers",
    ("models/queries/history.py", "where"): "made by `conditions`, of this module's own words",
    ("models/queries/search.py", "where"): "the same",
    ("models/queries/timeline.py", "seen"): "one of two conditions of this module and that of access.visible",
    ("models/queries/terms.py", "teams"): "one of two selections, given by this module's own callers",
    ("models/seeds/bulk.py", "table"): "the name of one of our own tables",
    ("models/seeds/bulk.py", "column"): "the name of one of its columns",
}
SECRET = re.compile(r"(?:^|_)(password|secret|token|ticket|signature|digest|csrf)(?:_hash|$)", re.I)
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTMLUnsafe|\{@html"
    r"|\beval\(|new Function\("
)


def pickles(source: Source) -> Iterator[str]:
    for name, node in source.imports():
        if name.split(".")[0] in OPAQUE:
            yield source.at(node, f"imports {name}")
    for text in source.texts():
        if text.value == "pickle":
            yield source.at(text, "speaks pickle")


def values_in_sql(source: Source) -> Iterator[str]:
    """SQL that is put together with something other than our own fixed words."""
    for _, call in _sql_calls(source):
        for node in ast.walk(call.args[0]):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                yield source.at(call, "formats SQL with %")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                yield source.at(call, "formats SQL with .format()")
    for name, call in _arguments_in_sql(source):
        if (source.path, name) not in OWN_PIECES:
            yield source.at(call, f"puts the argument {name} into SQL")


def _arguments_in_sql(source: Source) -> Iterator[tuple[str, ast.Call]]:
    """Arguments of a function that stand inside the f-string of a statement."""
    for function, call in _sql_calls(source):
        for node in ast.walk(call.args[0]):
            if isinstance(node, ast.FormattedValue):
                yield from ((name, call) for name in _names(node.value) & _arguments(function))


def _sql_calls(source: Source) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    inside = {
        id(node): function
        for function in ast.walk(source.tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    for call in source.calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in SQL_CALLS and call.args:
            yield inside.get(id(call)), call


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _arguments(function: ast.FunctionDef | None) -> set[str]:
    if function is None:
        return set()
    given = function.args
    return {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)}


def open_to_every_origin(source: Source) -> Iterator[str]:
    for call in source.calls():
        for word in call.keywords:
            if word.arg == "cors_allowed_origins" and '"*"' in ast.unparse(word.value).replace("'", '"'):
                yield source.at(call, "takes sockets from every site")
    for text in source.texts():
        if text.value == "Access-Control-Allow-Credentials":
            yield source.at(text, "lends its cookies to other sites")


def compares_secrets(source: Source) -> Iterator[str]:
    """`==` stops at the first letter that differs, and the time it takes tells which one that was."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            for side in (node.left, *node.comparators):
                name = side.attr if isinstance(side, ast.Attribute) else getattr(side, "id", "")
                if SECRET.search(name):
                    yield source.at(node, f"compares {name} with ==")


def markup_from_text(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if (found := MARKUP.search(line)) and not line.lstrip().startswith(("*", "//")):
            yield f"{source.path}:{number} {found[0]}"


def says_no_by_false(source: Source) -> Iterator[str]:
    """A marshmallow validator says no by raising; what it returns is nobody's business any more."""
    for call in source.calls():
        for word in call.keywords:
            if word.arg == "validate" and isinstance(word.value, ast.Lambda):
                yield source.at(call, "checks with a lambda, whose False nobody hears")


LAWS: list[tuple[Law, str]] = [
    (says_no_by_false, "A bound that is not kept is worse than none: it reads as if it were."),
    (pickles, "Whoever reaches Redis must not be able to run code here: JSON and ids only."),
    (values_in_sql, "A value inside a statement is how a filter becomes a way into the database."),
    (open_to_every_origin, "Another site's page must not open sockets, or read answers, in our visitor's name."),
]


@pytest.mark.parametrize(("law", "reason"), LAWS)
def test_the_desk_keeps_the_habit(law: Law, reason: str) -> None:
    found = broken(law, python())
    assert not found, f"{reason} {found}"


def test_secrets_are_compared_in_constant_time() -> None:
    """At the command line one person types both sides; everywhere else the other side is a stranger."""
    found = broken(compares_secrets, python("models", "web", "workers"))
    assert not found, f"Use hmac.compare_digest, or compare hashes in the database: {found}"


def test_no_screen_makes_markup_from_text() -> None:
    shipped = (source for source in frontend() if "/tests/" not in source.path and "eslint" not in source.path)
    found = broken(markup_from_text, shipped)
    assert not found, f"What a customer writes would run in an agent's browser: {found}"


def test_celery_and_the_bus_speak_json_only() -> None:
    import celeryconfig

    assert set(celeryconfig.accept_content) == {"json"}
    assert celeryconfig.task_serializer == "json"


def test_the_own_pieces_are_all_still_there() -> None:
    used = {(source.path, name) for source in python() for name, _ in _arguments_in_sql(source)}
    assert used == set(OWN_PIECES), "an exception nobody uses is a door left open"


def test_naive_times_are_refused_by_the_linter(tmp_path: Path) -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        chosen = tomllib.load(file)["tool"]["ruff"]["lint"]
    assert "DTZ" in set(chosen["select"]) - set(chosen["ignore"]), "times are aware, everywhere"
    planted = tmp_path / "planted.py"
    planted.write_text("from datetime import datetime\n\nnow = datetime.now()\n")
    said = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", ROOT / "pyproject.toml", planted],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "DTZ005" in said.stdout, said.stdout + said.stderr


@pytest.mark.parametrize(
    ("law", "planted"),
    [
        (says_no_by_false, "stars = fields.Integer(validate=lambda n: 1 <= n <= 5)"),
        (pickles, "import pickle"),
        (pickles, "app.conf.task_serializer = 'pickle'"),
        (values_in_sql, "def find(name):\n    return rows(f\"select * from agent where name = '{name}'\")"),
        (values_in_sql, "def find(viewer):\n    return one(f'select 1 from chat where owner_id = {viewer.id}')"),
        (values_in_sql, "def find(name):\n    return rows('select * from agent where name = %s' % name)"),
        (values_in_sql, "def find(name):\n    db.execute_sql('select {}'.format(name))"),
        (open_to_every_origin, "SocketIO(app, cors_allowed_origins='*')"),
        (open_to_every_origin, "SocketIO(app, cors_allowed_origins=['*'])"),
        (open_to_every_origin, "headers['Access-Control-Allow-Credentials'] = 'true'"),
        (compares_secrets, "if request.token == stored: pass"),
        (compares_secrets, "ok = given != csrf_token"),
        (compares_secrets, "ok = password_hash == row"),
        (markup_from_text, "box.innerHTML = message.body"),
        (markup_from_text, "<p>{@html message.body}</p>"),
    ],
)
def test_a_bad_habit_is_seen(law: Law, planted: str) -> None:
    assert list(law(Source("web/planted.py", planted)))


@pytest.mark.parametrize(
    ("law", "innocent"),
    [
        (values_in_sql, "def find(name):\n    return rows(f'select {COLUMNS} from agent where name = %s', (name,))"),
        (compares_secrets, "ok = hmac.compare_digest(token, stored)"),
        (open_to_every_origin, "SocketIO(app, cors_allowed_origins=list(own_origins()))"),
        (markup_from_text, "// no innerHTML here"),
    ],
)
def test_a_good_habit_is_left_alone(law: Law, innocent: str) -> None:
    assert not list(law(Source("web/planted.py", innocent)))
