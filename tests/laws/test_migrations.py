"""Law 7: migrations are numbered, frozen, and give the very tables that the models describe."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence

import peewee
import pytest

import models.tables
from models.db import Table, connection, db, rows
from tests.support.sources import ROOT, Source, broken, python

MIGRATIONS = ROOT / "models" / "migrations"
NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.py")
BOOKKEEPING = "schema_migration"  # the runner's own

# Each column as Postgres describes it: type with its size, nullability, default.
COLUMNS = """
select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
       regexp_replace(coalesce(pg_get_expr(d.adbin, d.adrelid), ''), 'nextval.*', 'serial') as default
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relnamespace = %s::regnamespace and a.attnum > 0 and not a.attisdropped
"""

Columns = dict[tuple[str, str], tuple[str, bool, str]]


def numbering(names: Sequence[str]) -> list[str]:
    """What is wrong with the names of the migrations."""
    odd = [name for name in names if not NAME.fullmatch(name)]
    numbers = sorted(int(name[:4]) for name in names if name not in odd)
    return odd + [f"{number} is not {place}" for place, number in enumerate(numbers, 1) if number != place]


def reaches_out(source: Source) -> Iterator[str]:
    for name, node in source.imports():
        if name.split(".")[0] in {"models", "web", "workers", "cli"}:
            yield source.at(node, f"imports {name}")


def tables() -> list[type[Table]]:
    for module in pkgutil.iter_modules(models.tables.__path__):
        importlib.import_module(f"models.tables.{module.name}")
    return Table.__subclasses__()


def columns(schema: str) -> Columns:
    return {
        (row["table"], row["column"]): (row["type"], row["required"], row["default"])
        for row in rows(COLUMNS, (schema,))
    }


def described(wanted: Sequence[type[Table]]) -> Columns:
    """The columns these models would make, found by letting Peewee make them where nobody looks."""
    with db.atomic() as undone:
        db.execute_sql("create schema described; set local search_path to described, public")
        db.create_tables(wanted)
        found = columns("described")
        undone.rollback()
    # Peewee's own id is a plain integer and we want the wide one; the keys that point at it follow.
    keys = {
        (table._meta.table_name, field.column_name)
        for table in wanted
        for field in table._meta.sorted_fields
        if isinstance(field, peewee.AutoField | peewee.ForeignKeyField)
    }
    return {
        key: ("bigint" if key in keys and kind == "integer" else kind, required, default)
        for key, (kind, required, default) in found.items()
    }


@pytest.fixture(scope="module", autouse=True)
def migrated(database: str) -> Iterator[None]:
    with connection():
        yield


def test_migrations_are_numbered_without_gaps() -> None:
    found = numbering([path.name for path in MIGRATIONS.glob("*.py") if path.name != "__init__.py"])
    assert not found, f"Two machines must apply the same steps in the same order: {found}"


def test_migrations_import_nothing_of_ours() -> None:
    found = broken(reaches_out, python("models/migrations"))
    assert not found, f"A step is frozen; what it imports goes on changing and changes it too: {found}"


def test_migrations_give_the_tables_that_the_models_describe() -> None:
    made = {key: value for key, value in columns("public").items() if key[0] != BOOKKEEPING}
    wanted = described(tables())
    assert made.keys() == wanted.keys(), "every column is in a migration and in a model"
    different = {".".join(key): (made[key], wanted[key]) for key in made if made[key] != wanted[key]}
    assert not different, f"(the database has, the model says): {different}"


def test_a_gap_and_a_twin_are_seen() -> None:
    assert numbering(["0001_desk.py", "0003_more.py"]) == ["3 is not 2"]
    assert numbering(["0001_desk.py", "0001_desk_again.py"]) == ["1 is not 2"]
    assert numbering(["desk.py"]) == ["desk.py"]


@pytest.mark.parametrize("planted", ["from models.tables.chats import Chat", "def up(m, db):\n    import models.db"])
def test_an_import_in_a_migration_is_seen(planted: str) -> None:
    assert list(reaches_out(Source("models/migrations/planted.py", planted)))


def test_a_column_that_differs_is_seen() -> None:
    """The comparison sees names, types, nullability and defaults."""
    planted = type(
        "Tag",
        (peewee.Model,),
        {"name": peewee.TextField(null=True), "hue": peewee.IntegerField(), "extra": peewee.TextField()},
    )
    planted._meta.database = db
    planted._meta.table_name = "tag"
    wanted, made = described([planted]), columns("public")
    assert ("tag", "extra") in wanted.keys() - made.keys()
    assert wanted["tag", "name"] != made["tag", "name"]
    assert wanted["tag", "hue"] != made["tag", "hue"]
    assert wanted["tag", "id"] == made["tag", "id"]
