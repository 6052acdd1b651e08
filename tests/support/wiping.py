"""Between tests: every table as the migrations left it, in a few milliseconds."""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.errors import DeadlockDetected

from cli.postgres import Postgres, Superuser

KEEP = "schema_migration"
TRIES = 3
BASELINE = "baseline"  # a schema with a copy of each table that the migrations filled


class Wiper:
    """Deletes all rows and puts back those that the migrations brought.

    As a superuser, with triggers and foreign keys asleep: the order of tables does
    not matter then, and DELETE on small tables is quicker than TRUNCATE.
    """

    def __init__(self, postgres: Postgres, database: str) -> None:
        self._server: Superuser = postgres.superuser(database)
        # Processes of the desk may be at work on these rows; whoever holds a lock that long has a fault to show.
        self._server.run("SET session_replication_role = replica; SET lock_timeout = '10s'")
        self._wipe = self._prepare()

    def wipe(self) -> None:
        for left in reversed(range(TRIES)):
            try:
                self._server.run(self._wipe)
                break
            except DeadlockDetected:  # with a process of the desk that is still at work on the same rows
                if not left:
                    raise

    def close(self) -> None:
        self._server.__exit__()

    def _prepare(self) -> sql.Composed:
        tables = self._server.column(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> %s ORDER BY 1", KEEP
        )
        self._server.run(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(BASELINE)))
        steps: list[sql.Composable] = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables]
        steps += [self._put_back(table) for table in tables if self._server.one(f'SELECT 1 FROM "{table}" LIMIT 1')]
        return sql.SQL("; ").join(steps)

    def _put_back(self, table: str) -> sql.Composed:
        columns = self._server.column(
            "SELECT column_name::text FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            table,
        )
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        kept, live = sql.Identifier(BASELINE, table), sql.Identifier("public", table)
        self._server.run(sql.SQL("CREATE TABLE {} AS SELECT {} FROM {}").format(kept, names, live))
        put_back = "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}"
        return sql.SQL(put_back).format(live, names, names, kept)
