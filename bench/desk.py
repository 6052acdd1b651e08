"""A desk to be measured: durable services, one front, the desk worker and beat, with chats under way.

Everything is the product's own: the embedded servers as `parley up` starts them, fsync
on, the processes of `cli/formation.py`, the real migrations and the real seed. Only the
people are put in by SQL, because the front would rightly refuse to sign in hundreds a
minute from one address. The rates of single sockets are lifted by PARLEY_RATE_FACTOR.
"""

from __future__ import annotations

import os
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import costs
from cli import ROOT, formation, migrate, ports, processes
from cli import account as accounts
from cli.postgres import Postgres
from cli.rundir import RunDir
from cli.valkey import Valkey

RATE_FACTOR = "1000"
OPEN_FILES = 20_000
PATIENCE_S = 60
TEAM_SIZE = 10

# People and chats, all numbered from 1 in a fresh database. Each chat has a customer and an agent of its own who
# has answered already, so that every message takes the everyday path.
_FILL = """
insert into team (name, hue) select 'Team ' || n, 200 from generate_series(1, %(teams)s) n order by n;
insert into agent (name, email, password_hash, role, hue, agent_limit, chosen_status, told_status)
    select 'Agent ' || n, 'agent' || n || '@bench.example', 'none', 'agent', 160, 10, 'online', 'online'
    from generate_series(1, %(chats)s) n order by n;
insert into team_member (team_id, agent_id) select 1 + (n - 1) / %(size)s, n from generate_series(1, %(chats)s) n;
insert into agent_session (token_hash, agent_id, expires_at, ip, browser)
    select encode(sha256(convert_to('agent-' || n || '-%(key)s', 'UTF8')), 'hex'), n, now() + interval '1 day',
           '127.0.0.1', 'bench' from generate_series(1, %(chats)s) n order by n;
insert into customer (name) select 'Customer ' || n from generate_series(1, %(customers)s) n order by n;
insert into visitor_token (token_hash, customer_id, channel_id, expires_at)
    select encode(sha256(convert_to('visitor-' || n || '-%(key)s', 'UTF8')), 'hex'), n, 1, now() + interval '1 day'
    from generate_series(1, %(customers)s) n order by n;
insert into session (customer_id, subject) select n, 'Bench' from generate_series(1, %(chats)s) n order by n;
insert into chat (session_id, customer_id, channel_id, team_id, state, owner_id, queued_at, first_replied_at)
    select n, n, 1, 1 + (n - 1) / %(size)s, 'active', n, now(), now() from generate_series(1, %(chats)s) n order by n;
insert into assignment (chat_id, agent_id, how) select n, n, 'pick' from generate_series(1, %(chats)s) n order by n;
analyze;
"""


class Desk:
    """A running desk. `chats` are active; `customers` counts those without a chat as well."""

    def __init__(
        self, home: Path, account: accounts.Account | None, *, chats: int, customers: int, env: Mapping[str, str]
    ) -> None:
        self.chats, self.customers = chats, max(chats, customers)
        self._more_env = env
        self.port, self.ops_port = ports.any_free(), ports.any_free()
        self._key = secrets.token_hex(16)
        self._home = home
        self.postgres = Postgres(home / "postgres", ports.any_free(), secrets.token_hex(12), account)
        self.valkey = Valkey(home / "valkey", ports.any_free(), secrets.token_hex(12), account)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    # --- who can be ------------------------------------------------------------------------------------------

    def agent_token(self, number: int) -> str:
        return f"agent-{number}-{self._key}"

    def visitor_token(self, number: int) -> str:
        return f"visitor-{number}-{self._key}"

    # --- coming and going ------------------------------------------------------------------------------------

    def start(self, parts: Sequence[str], *, count_statements: bool = False) -> None:
        self.postgres.start()
        self.postgres.ensure_database()
        if count_statements:
            self._count_statements()
        self.valkey.start()
        migrate.migrate(self.postgres.url())
        self._command("seed", "--bare")
        self._fill()
        self.launch(*parts)
        self.wait_until_ready()

    def launch(self, *names: str) -> None:
        """Start these parts of the formation, beside those that run."""
        for part in formation.everything():
            if part.name in names:
                self._launch(part)

    def kill(self, name: str) -> None:
        """SIGKILL, the whole family: nobody gets to say goodbye."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
        self.valkey.stop()
        self.postgres.stop()

    def restart_front(self) -> float:
        """End the front and start it anew; seconds from its first instruction until it answers as ready."""
        self._running.pop("web").terminate()
        time.sleep(3)
        began = time.perf_counter()
        self._launch(formation.web())
        self.wait_until_ready()
        return time.perf_counter() - began

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.ops_port}/health/ready", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        log = (self._home / "web.log").read_text(errors="replace")
        raise RuntimeError(f"The front was not ready within {PATIENCE_S} s.\n{log[-3000:]}")

    # --- what it costs ---------------------------------------------------------------------------------------

    def watch(self) -> costs.Watch:
        return costs.Watch({**{name: process.pid for name, process in self._running.items()}, **self.servers()})

    def servers(self) -> dict[str, int]:
        """The processes of the services, which whoever is measured in the desk's place uses as well."""
        assert self.postgres.process is not None
        assert self.valkey.process is not None
        return {"postgres": self.postgres.process.pid, "valkey": self.valkey.process.pid}

    def front_rss_mb(self) -> float:
        return costs.rss_mb(self.front_pid)

    @property
    def front_pid(self) -> int:
        return self.pid("web")

    def pid(self, part: str) -> int:
        """The process that heads this part of the formation."""
        return self._running[part].pid

    # -----------------------------------------------------------------------------------------------------------

    def addresses(self) -> Mapping[str, str]:
        return {"DATABASE_URL": self.postgres.url(), "REDIS_URL": self.valkey.url()}

    def lend_environment(self, *, connections: int) -> None:
        """Let this process be one of the desk's own, for measuring its actions without a front before them."""
        os.environ.update({**self._env(), "PARLEY_DB_POOL": str(connections)})

    def _env(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.addresses(),
            "PARLEY_SECRET_KEY": self._key * 2,
            "PARLEY_PORT": str(self.port),
            "PARLEY_OPS_PORT": str(self.ops_port),
            "PARLEY_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "PARLEY_LOG": "warning",
            "PARLEY_RATE_FACTOR": RATE_FACTOR,
            **self._more_env,
        }

    def _launch(self, part: formation.Part) -> None:
        self._running[part.name] = processes.launch(
            part.command, log=self._home / f"{part.name}.log", env={**self._env(), **part.env}, cwd=ROOT
        )

    def _command(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())", *words],
            env=self._env(),
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _fill(self) -> None:
        numbers = {
            "teams": 1 + (self.chats - 1) // TEAM_SIZE,
            "size": TEAM_SIZE,
            "chats": self.chats,
            "customers": self.customers,
            "key": self._key,
        }
        with self.postgres.superuser("parley") as server:
            server.run(_FILL % numbers)

    def _count_statements(self) -> None:
        """The extension that counts statements has to be there when the server starts."""
        with self.postgres.superuser("parley") as server:
            server.run("alter system set shared_preload_libraries = 'pg_stat_statements'")
        self.postgres.stop()
        self.postgres.start()
        with self.postgres.superuser("parley") as server:
            server.run("create extension pg_stat_statements")


@contextmanager
def desk(
    *,
    chats: int,
    customers: int = 0,
    parts: Sequence[str] = ("web", "desk", "beat"),
    count_statements: bool = False,
    env: Mapping[str, str] | None = None,
) -> Iterator[Desk]:
    """A desk in a folder of its own on a real disk, gone at the end. `env`: what its processes are told besides."""
    _allow_many_sockets()
    account = accounts.service_account()
    home = accounts.home_for(RunDir().make().path, account) / f"bench-{os.getpid()}"
    home.mkdir(mode=0o711)
    found = Desk(home, account, chats=chats, customers=customers, env=env or {})
    try:
        found.start(parts, count_statements=count_statements)
        yield found
    finally:
        found.stop()
        shutil.rmtree(home, ignore_errors=True)


def _allow_many_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
