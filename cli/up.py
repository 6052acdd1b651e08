"""`parley up`: the whole desk on this machine, until Ctrl-C.

Brings a database and a Redis-compatible server where none are configured, migrates,
fills an empty desk with a demo, starts every process, waits until all answer, says
where they are, and keeps them alive.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import time
from types import FrameType
from urllib.parse import quote, urlsplit

from cli import health, migrate, ports, processes
from cli.demo_team import DemoTeam
from cli.embedded import Embedded
from cli.environment import load_env_file
from cli.errors import Trouble
from cli.formation import Part, everything
from cli.progress import say
from cli.rundir import RunDir
from cli.seed import seed_demo
from cli.supervisor import Supervisor, end_of
from models.db import connect, connection, one
from models.seeds.desk import seed_bare
from models.settings import Settings, read

WEB_PORT, OPS_PORT, SHOP_PORT = 8000, 8001, 8010
SHOP_MAY_SHOW_IT = "select 1 as there from channel where %s = any(allowed_origins)"
BOT = "brain"  # the worker that answers
DEMO_SENDER = "desk@parley.example"
PATIENCE_S = 120
WAIT_FOR_BOT_S = 7  # then people come first: they are served without it
SAY_AGAIN_S = 15
OPEN_FILES = 65_536  # each socket is one; the usual limit of 1,024 would be met on a busy morning


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-demo", action="store_true", help="leave an empty desk empty; serve no demo shop")


def run(asked: argparse.Namespace) -> int:
    load_env_file()
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    signal.signal(signal.SIGHUP, _as_ctrl_c)
    run_dir = RunDir().make()
    with run_dir.alone():
        return Run(run_dir, demo=not asked.no_demo).go()


class Run:
    """One run of the desk, from the first word to the last."""

    def __init__(self, run_dir: RunDir, *, demo: bool) -> None:
        self._dir, self._demo = run_dir, demo
        self._began = time.monotonic()
        self._embedded = Embedded(None, None)
        self._supervisor: Supervisor | None = None
        self._settings: Settings
        self._shop_port = 0
        self._fresh = False  # whether this start filled the desk
        self._bot_is_late = False

    def go(self) -> int:
        try:
            self._tidy_up_after_a_killed_run()
            self._start()
            self._wait_until_all_answer()
            self._say_where()
            while True:
                self._watch()
                self._listen_for_the_bot()
                time.sleep(0.3)
        except KeyboardInterrupt:
            say("\nStopping ...")
            return 0
        finally:
            self._stop()

    @property
    def _shop_url(self) -> str:
        return f"http://{urlsplit(self._settings.public_url).hostname}:{self._shop_port}"

    def _tidy_up_after_a_killed_run(self) -> None:
        left_over = self._dir.left_over()
        if self._dir.state():
            say("The last run ended without saying goodbye; tidying up after it.")
        # The kernel tells them to end when their parent does; most are on their way out already.
        processes.wait_gone(left_over, patience=5)
        processes.end(left_over, patience=20)
        self._dir.forget()

    def _start(self) -> None:
        _raise_file_limit()
        secrets = self._dir.secrets()
        port = _own_port("PARLEY_PORT", WEB_PORT)
        ops_port = _movable_port("PARLEY_OPS_PORT", OPS_PORT)
        self._shop_port = _movable_port("PARLEY_SHOP_PORT", SHOP_PORT)
        self._embedded = Embedded.for_run(self._dir, secrets)
        self._embedded.start()
        os.environ.update(self._embedded.addresses())
        os.environ["PARLEY_SECRET_KEY"] = os.environ.get("PARLEY_SECRET_KEY") or secrets["PARLEY_SECRET_KEY"]
        self._show_letters()
        os.environ.update(PARLEY_PORT=str(port), PARLEY_OPS_PORT=str(ops_port), PARLEY_SHOP_PORT=str(self._shop_port))
        os.environ["PARLEY_MEDIA_URL"] = os.environ.get("PARLEY_MEDIA_URL") or (self._dir.path / "media").as_uri()
        self._settings = read()
        self._prepare_the_database()
        self._supervisor = Supervisor(os.environ, self._dir.logs, changed=self._remember)
        for part in [*everything(), *self._shop()]:
            self._supervisor.start(part)

    def _show_letters(self) -> None:
        """A demo writes its letters into a folder, where everybody can look at them, unless mail is set up."""
        if self._demo and "PARLEY_MAIL_URL" not in os.environ:
            os.environ["PARLEY_MAIL_URL"] = f"file://{quote(str(self._dir.path / 'letters'))}"
            os.environ.setdefault("PARLEY_MAIL_FROM", DEMO_SENDER)

    def _prepare_the_database(self) -> None:
        applied = migrate.migrate(self._settings.database_url)
        if applied:
            say(f"Schema: applied {', '.join(applied)}.")
        connect(self._settings, statement_ms=60_000, idle_ms=0, application="parley-up")
        with connection():
            if one("select 1 as there from desk") is None:
                say("Filling the empty desk with a demo (once)." if self._demo else "Setting up an empty desk (once).")
                if self._demo:
                    seed_demo(self._dir, origins=[self._shop_url])
                else:
                    seed_bare()
                self._fresh = self._demo
            elif self._demo and one(SHOP_MAY_SHOW_IT, (self._shop_url,)) is None:
                seed_bare(origins=[self._shop_url])  # the shop moved to another port

    def _shop(self) -> list[Part]:
        """The demo shop, which shows the widget of the desk's first web channel."""
        if not self._demo:
            return []
        with connection():
            channel = one("select public_key from channel where kind = 'web' order by id limit 1")
        assert channel is not None
        options = ("--host", self._settings.host, "--port", str(self._shop_port))
        widget = ("--widget-url", f"{self._settings.public_url}/w.js", "--site-key", channel["public_key"])
        return [Part("shop", (sys.executable, "-m", "cli.shop", *options, *widget))]

    def _wait_until_all_answer(self) -> None:
        """All of them at the first start. Later the bot may come a little after the rest: it loads a model of its own."""
        say("Starting the front, the workers and beat ...")
        deadline, spoke = time.monotonic() + PATIENCE_S, time.monotonic()
        while silent := self._silent():
            self._watch()
            if silent == [BOT] and not self._fresh and time.monotonic() - self._began > WAIT_FOR_BOT_S:
                self._bot_is_late = True
                return
            if time.monotonic() > deadline:
                first = silent[0]
                raise Trouble(
                    f"{end_of(self._dir.logs / f'{first}.log')}\n\n`{first}` did not answer within {PATIENCE_S} s.",
                    f"The logs are in {self._dir.logs}. `parley doctor` looks at the usual reasons.",
                )
            if time.monotonic() - spoke > SAY_AGAIN_S:
                spoke = time.monotonic()
                say(f"Still waiting for {', '.join(silent)} ...")
            time.sleep(0.1)

    def _silent(self) -> list[str]:
        """The parts that do not answer yet."""
        ready, _ = health.front(self._settings.ops_port)
        answering = health.workers()
        silent = [name for name in ("desk", "delivery", "bulk", BOT) if name not in answering]
        if not ready:
            silent.insert(0, "web")
        if self._has_shop() and not health.listens(self._shop_port):
            silent.insert(0, "shop")
        return silent

    def _has_shop(self) -> bool:
        return self._supervisor is not None and "shop" in self._supervisor.identities()

    def _listen_for_the_bot(self) -> None:
        if self._bot_is_late and BOT in health.workers():
            self._bot_is_late = False
            say("The bot answers, too.")

    def _watch(self) -> None:
        for name, server in self._embedded.servers().items():
            if server.process and server.process.poll() is not None:
                say(f"The embedded {name} ended by itself; starting it again. Its log: {server.log}")
                server.start()
                self._remember()
        if self._supervisor:
            self._supervisor.watch()

    def _remember(self) -> None:
        """Write down who runs, so that a start after a kill can end them, and other commands find the way."""
        us = processes.Identity.of(os.getpid())
        children = self._supervisor.identities() if self._supervisor else {}
        for name, server in self._embedded.servers().items():
            identity = processes.Identity.of(server.process.pid) if server.process else None
            if identity:
                children[name] = identity
        named = (
            "DATABASE_URL",
            "REDIS_URL",
            "PARLEY_SECRET_KEY",
            "PARLEY_MEDIA_URL",
            "PARLEY_PORT",
            "PARLEY_OPS_PORT",
            "PARLEY_SHOP_PORT",
        )
        self._dir.remember(
            {
                "supervisor": us.to_json() if us else None,
                "console": self._settings.public_url,
                "processes": {name: identity.to_json() for name, identity in children.items()},
                "env": {name: os.environ[name] for name in named},
            }
        )

    def _say_where(self) -> None:
        say(f"Ready after {time.monotonic() - self._began:.0f} s.\n")
        say(f"  Console    {self._settings.public_url}/")
        if self._has_shop():
            say(f"  Demo shop  {self._shop_url}/   with the widget in its corner")
        if (server := self._settings.mail_server) is not None and server.folder:
            say(f"  Letters    {server.folder}   are written there and go nowhere")
        say(f"  Logs       {self._dir.logs}\n")
        self._say_how_to_sign_in()
        if self._bot_is_late:
            say("The bot is still loading its model; it answers in a few seconds.")
        say("Ctrl-C stops everything that was started here; the data stays.")

    def _say_how_to_sign_in(self) -> None:
        team = DemoTeam(self._dir)
        if self._fresh:
            say(
                f"Sign in as any of the demo team. These passwords were made just now, for this desk alone:\n\n{team.table()}\n"
            )
        elif team.members():
            say("Sign in as before; `.venv/bin/parley agent list-demo` shows the demo team's passwords.\n")
        else:
            say("Sign in with your account; `.venv/bin/parley agent add` makes one.\n")

    def _stop(self) -> None:
        if self._supervisor:
            self._supervisor.stop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the database is given its second to write everything down
        self._embedded.stop()
        self._dir.forget()
        if self._supervisor:
            say("Stopped. The data stays.")


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _own_port(variable: str, usual: int) -> int:
    """The port people know: never moved behind their back."""
    port = int(os.environ.get(variable) or usual)
    host = os.environ.get("PARLEY_HOST") or "127.0.0.1"
    if not ports.is_free(port, host):
        raise Trouble(
            f"Port {port} is held by {ports.holder(port)}.", f"Choose another: {variable}={port + 80} make run"
        )
    return port


def _movable_port(variable: str, usual: int) -> int:
    if os.environ.get(variable):
        return _own_port(variable, usual)
    return usual if ports.is_free(usual) else ports.next_free(usual + 1)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
