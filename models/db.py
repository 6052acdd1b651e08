"""The database handle, the base of every table, and the one way to write: `transaction()`.

What must be said to the world (`jobs.enqueue`, `live.push`) is noted inside the
transaction and said once it has held: "told before saved" cannot be written.
"""

from __future__ import annotations

import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

import orjson
import peewee
import psycopg2
import structlog
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase

from models.errors import Busy
from models.settings import Settings

log = structlog.get_logger()


class _Pool(PooledPostgresqlDatabase):
    """Peewee's pool, but a connection proves itself alive without a round trip.

    Peewee asks `SELECT 1` of every connection it hands out, which doubles what a short
    operation costs. A server that closes an idle connection says so, and `poll` reads
    what was said without waiting.
    """

    def _is_closed(self, conn: Any) -> bool:
        try:
            conn.poll()  # reads the server's last words, if there are any
            conn.poll()  # and what came after them: the end
        except psycopg2.Error:
            return True
        return bool(conn.closed)


db = _Pool(None, autorollback=False)

WORKER_STATEMENT_MS = 30_000  # a sweep may read more
LOCK_MS = 2_000  # a lock held longer than this is a fault, not a queue
IDLE_IN_TRANSACTION_MS = 10_000  # whoever forgot a transaction must not hold its locks

Hook = Callable[[], None]
P = ParamSpec("P")
T = TypeVar("T")


class Table(peewee.Model):
    """The base of every table: singular snake_case names, one database."""

    class Meta:
        database = db
        legacy_table_names = False

    if TYPE_CHECKING:  # Peewee adds `id` and a `<name>_id` for every foreign key; its stubs do not know
        id: Any

        def __getattr__(self, name: str) -> Any: ...


def connect(
    settings: Settings,
    *,
    statement_ms: int | None = None,
    idle_ms: int = IDLE_IN_TRANSACTION_MS,
    application: str = "parley",
) -> None:
    """Point `db` at the configured Postgres. Opens nothing yet: each operation borrows a connection.

    `statement_ms` and `idle_ms` end a statement that runs, and a transaction that waits, for longer; 0 is for
    ever, for a command that thinks for a while between two statements and that nobody else waits for. Where a
    person waits, the settings say how long (None).
    """
    if statement_ms is None:
        statement_ms = settings.statement_ms
    parts = urlsplit(settings.database_url)
    db.init(
        parts.path.lstrip("/"),
        max_connections=settings.db_pool,
        timeout=2,  # then `busy`: waiting longer for a connection only makes the line longer
        stale_timeout=300,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or "") or None,
        host=parts.hostname,
        port=parts.port or 5432,
        connect_timeout=3,
        application_name=application,
        options=(
            f"-c statement_timeout={statement_ms} -c lock_timeout={LOCK_MS}"
            f" -c idle_in_transaction_session_timeout={idle_ms} -c timezone=UTC"
        ),
    )


@contextmanager
def connection() -> Iterator[None]:
    """Borrow a connection for one operation. Nested use keeps the outer one.

    Raises `Busy` when the pool stays empty. A connection that broke is thrown away
    rather than put back: Peewee does not reconnect a held one by itself.
    """
    if not db.is_closed():
        yield
        return
    try:
        db.connect()
    except MaxConnectionsExceeded as full:
        raise Busy(retry_after_ms=500) from full
    broken = False
    try:
        yield
    except (peewee.OperationalError, peewee.InterfaceError):
        broken = True
        raise
    finally:
        if broken:
            db.manual_close()
        else:
            db.close()


class _Pending(threading.local):
    hooks: list[Hook] | None = None


_pending = _Pending()


@contextmanager
def transaction() -> Iterator[None]:
    """Commit together or not at all; then, and only then, tell the world.

    The depth is our own and not the database's, so a test may wrap everything in a
    rolled-back `db.atomic()` and the hooks still run.
    """
    outermost = _pending.hooks is None
    if outermost:
        _pending.hooks = []
    hooks = _pending.hooks
    assert hooks is not None
    mark = len(hooks)
    try:
        with connection(), db.atomic():
            yield
    except BaseException:
        del hooks[mark:]  # an undone savepoint un-says what it meant to say
        raise
    finally:
        if outermost:
            _pending.hooks = None
    if outermost:
        run_hooks(hooks)


def in_transaction() -> bool:
    return _pending.hooks is not None


def after_commit(hook: Hook) -> None:
    """Run `hook` once the transaction around has held. Outside one this is a programming error."""
    if _pending.hooks is None:
        raise RuntimeError("after_commit() outside transaction(): told before saved.")
    _pending.hooks.append(hook)


def last_of_all(hook: Hook) -> None:
    """Run `hook` after what every transaction had to say: for whoever gathers words and sends them as one."""
    if hook not in _last:
        _last.append(hook)


_last: list[Hook] = []


def run_hooks(hooks: Sequence[Hook]) -> None:
    """Each hook on its own: one that fails is logged, and a sweep or a client's sync repairs it."""
    for hook in (*hooks, *_last) if hooks else ():
        try:
            hook()
        except Exception:
            log.exception("after_commit_failed")


@contextmanager
def collected_hooks() -> Iterator[list[Hook]]:
    """Collect what is said inside, for a caller that commits by itself (the message batch)."""
    assert _pending.hooks is None, "a batch cannot be nested in a transaction"
    hooks: list[Hook] = []
    _pending.hooks = hooks
    try:
        yield hooks
    finally:
        _pending.hooks = None


TRIES = 3
_DEADLOCK, _SERIALIZATION = "40P01", "40001"


def atomically(action: Callable[P, T]) -> Callable[P, T]:
    """Run a whole action in one transaction, again on a deadlock or a lost connection.

    Only for actions that may run twice: those whose effect is guarded by a state, a
    lock or a unique key. A lost connection may have committed; the guard answers that.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if in_transaction():
            with transaction():
                return action(*args, **kwargs)
        for attempt in range(1, TRIES + 1):
            try:
                with transaction():
                    return action(*args, **kwargs)
            except (peewee.OperationalError, peewee.InterfaceError) as fault:
                if attempt == TRIES or not _worth_retrying(fault):
                    raise
                log.warning("transaction_retried", action=action.__name__, attempt=attempt, fault=type(fault).__name__)
                time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    return run


def _worth_retrying(fault: BaseException) -> bool:
    code = sqlstate(fault)
    lost = code is None or code.startswith(("08", "57P"))
    return lost or code in (_DEADLOCK, _SERIALIZATION)


def sqlstate(fault: BaseException) -> str | None:
    """What Postgres calls the fault, such as `57014` for a statement that took too long; none where it said nothing."""
    code: str | None = getattr(getattr(fault, "orig", None) or fault.__cause__, "pgcode", None)
    return code


def run(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> int:
    """Run one statement that answers no rows; how many it touched. For the verbs of actions and tables."""
    cursor: Any = db.execute_sql(sql, params)
    count: int = cursor.rowcount
    return count


def rows(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
    """Run one statement; each row as a dict by column name. Values only ever travel as parameters."""
    cursor: Any = db.execute_sql(sql, params)
    if cursor.description is None:
        return []
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def stream(sql: str, params: Sequence[Any] | dict[str, Any] = (), *, size: int = 1000) -> Iterator[dict[str, Any]]:
    """Run one statement that answers more rows than fit in memory, `size` of them at a time.

    On a connection of its own, so that the caller may commit meanwhile; all rows are those of one moment.
    """
    lent = psycopg2.connect(dbname=db.database, **db.connect_params)
    try:
        lent.set_session(readonly=True, isolation_level="REPEATABLE READ")
        with lent.cursor(name="stream") as cursor:
            cursor.itersize = size
            cursor.execute(sql, params)
            names: list[str] = []
            for row in cursor:
                names = names or [column.name for column in cursor.description]
                yield dict(zip(names, row, strict=True))
    finally:
        lent.close()


def one(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> dict[str, Any] | None:
    found = rows(sql, params)
    return found[0] if found else None


def as_json(value: Any) -> str | None:
    """A value for a jsonb parameter, tuples as lists; None stays null."""
    return None if value is None else orjson.dumps(value, default=list).decode()


def _bracketed(words: Sequence[str]) -> str:
    return f" ({', '.join(words)})" if words else ""


class Prepared:
    """A statement that each connection plans once and then only runs.

    For the few that join many tables and are asked all the time: there the planning takes longer than the
    answer. Its parameters are $1, $2 …, of the types `takes`. It names every column it gives (no `*`), for a
    prepared statement may not change its columns while a migration adds one.
    """

    def __init__(self, name: str, sql: str, takes: Sequence[str]) -> None:
        self._prepare = f"prepare {name}{_bracketed(takes)} as {sql}"
        self._execute = f"execute {name}{_bracketed(['%s'] * len(takes))}"
        self._known_to: weakref.WeakSet[Any] = weakref.WeakSet()

    def rows(self, *values: Any) -> list[dict[str, Any]]:
        connected = db.connection()
        if connected not in self._known_to:
            db.execute_sql(self._prepare)
            self._known_to.add(connected)
        return rows(self._execute, values)

    def one(self, *values: Any) -> dict[str, Any] | None:
        found = self.rows(*values)
        return found[0] if found else None
