"""`parley doctor`: what is wrong with this installation, in sentences, each with a way on."""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import psycopg2
import redis

from cli import ROOT, embedded, health, migrate, ports
from cli import account as accounts
from cli.environment import load_env_file
from cli.errors import Trouble
from cli.rundir import RunDir
from models.rules.letters import alarm_facts
from models.settings import BadSettings, read

LEAST_SPACE_GB = 2
LEAST_FILES = 4096
OLDEST_POSTGRES = 150000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `way_on` is for those that are not well."""

    well: bool
    says: str
    way_on: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(asked: argparse.Namespace) -> int:
    findings = list(look(RunDir()))
    for finding in findings:
        print(f"{'  ok ' if finding.well else '  !! '} {finding.says}")
        if finding.way_on and not finding.well:
            print(f"      -> {finding.way_on}")
    ill = sum(not finding.well for finding in findings)
    print("\nAll is well." if not ill else f"\n{ill} thing{'s' if ill > 1 else ''} to look at.")
    return 1 if ill else 0


def look(run_dir: RunDir) -> Iterator[Finding]:
    """Everything a start stands on, from the ground up."""
    load_env_file()
    state = run_dir.state() if run_dir.running() else {}
    for name, value in state.get("env", {}).items():
        os.environ.setdefault(name, value)
    for check in (python(), packages(), front_end(), folder(run_dir), space(), open_files()):
        yield from _safely(check)
    yield running(run_dir)
    if not run_dir.running():
        yield from _safely(free_ports())
    if os.environ.get("DATABASE_URL"):
        yield from _safely(database())
    if os.environ.get("REDIS_URL"):
        yield from _safely(redis_server())
    if run_dir.running() or (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        yield from _safely(environment())
    if run_dir.running():
        yield from _safely(processes_answer(run_dir))


def _safely(check: Iterator[Finding]) -> Iterator[Finding]:
    """A check that fails is a finding, not the end of the examination."""
    try:
        yield from check
    except Trouble as trouble:
        yield Finding(False, trouble.sentence, trouble.way_on)
    except Exception as fault:  # noqa: BLE001 - a doctor who faints helps nobody
        yield Finding(
            False,
            f"A check failed: {type(fault).__name__}: {fault}",
            "This is a fault of the doctor; please report it.",
        )


def python() -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding(
        sys.version_info >= (3, 11), f"Python {version}", "Parley needs 3.11 or later: make PYTHON=python3.12 run"
    )


def packages() -> Iterator[Finding]:
    """What is installed against what is pinned."""
    odd = []
    pins = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    for name, pinned in pins:
        try:
            found = metadata.version(name).split("+")[0]
        except metadata.PackageNotFoundError:
            found = "missing"
        if found != pinned:
            odd.append(f"{name} is {found}, pinned {pinned}")
    some = "; ".join(odd[:5]) + (f"; and {len(odd) - 5} more" if len(odd) > 5 else "")
    yield Finding(
        not odd,
        "packages as pinned" if not odd else f"Packages differ: {some}.",
        "`rm -r .make .venv; make run` makes them anew.",
    )


def front_end() -> Iterator[Finding]:
    built = (ROOT / "web/static/dist").exists()
    yield Finding(built, "front end built" if built else "The front end is not built.", "`make run` builds it.")


def folder(run_dir: RunDir) -> Iterator[Finding]:
    """Whether we may write where the data lies, and where that is."""
    path = run_dir.path if run_dir.path.exists() else run_dir.path.parent
    may = os.access(path, os.W_OK | os.X_OK)
    account = accounts.service_account()
    where = accounts.home_for(run_dir.path, account)
    as_whom = f", served as the user `{account.name}`" if account else ""
    text = f"data in {where}{as_whom}" if may else f"{path} cannot be written by this user."
    yield Finding(may, text, f"Start Parley as the owner of {path}, or give it to yourself (sudo chown -R).")


def space() -> Iterator[Finding]:
    free = shutil.disk_usage(ROOT).free / 1e9
    text = f"{free:.0f} GB free on the disk"
    yield Finding(free >= LEAST_SPACE_GB, text, "The database stops when the disk is full: make room.")


def open_files() -> Iterator[Finding]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    enough = hard == resource.RLIM_INFINITY or hard >= LEAST_FILES
    text = f"{'any number of' if hard == resource.RLIM_INFINITY else hard} open files allowed"
    yield Finding(enough, text, "Each visitor holds one: raise the hard limit (ulimit -Hn, LimitNOFILE=).")


def running(run_dir: RunDir) -> Finding:
    if run_dir.running():
        return Finding(True, f"a desk runs here; its console is at {run_dir.state().get('console', 'a place unknown')}")
    if left_over := run_dir.left_over():
        pids = ", ".join(str(process.pid) for process in left_over)
        return Finding(
            False, f"A run was killed and left processes behind: {pids}.", "The next `make run` ends them first."
        )
    return Finding(True, "no desk runs here now")


def free_ports() -> Iterator[Finding]:
    port = int(os.environ.get("PARLEY_PORT") or 8000)
    free = ports.is_free(port)
    text = f"port {port} is free" if free else f"Port {port} is held by {ports.holder(port)}."
    yield Finding(free, text, f"PARLEY_PORT={port + 80} make run")
    for usual, who in ((embedded.POSTGRES_PORT, "database"), (embedded.REDIS_PORT, "Redis-compatible server")):
        if not ports.is_free(usual):
            yield Finding(True, f"port {usual} is held by {ports.holder(usual)}; the {who} will take the next")


def environment() -> Iterator[Finding]:
    try:
        read()
    except BadSettings as fault:
        yield Finding(False, str(fault), "See .env.example for every variable and what it means.")
    else:
        yield Finding(True, "settings can be used")
        yield mail()


def mail() -> Finding:
    """Whether letters have somewhere to go. A desk without mail is no fault."""
    server = read().mail_server
    if server is None:
        return Finding(True, "no mail is set up; customers are answered in the widget alone")
    if server.folder:
        return Finding(True, f"letters are written into {server.folder} and go nowhere")
    name = f"the mail server {server.host}:{server.port}"
    try:
        socket.create_connection((server.host, server.port), timeout=3).close()
    except OSError as fault:
        sentence = f"{name[0].upper()}{name[1:]} does not answer: {fault}."
        return Finding(False, sentence, "Check PARLEY_MAIL_URL. Letters wait and are tried again.")
    return Finding(True, f"{name} answers")


def database() -> Iterator[Finding]:
    try:
        connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5)
    except psycopg2.OperationalError as fault:
        reason = str(fault).strip().splitlines()[-1]
        yield Finding(False, f"The database does not answer: {reason}", "Check DATABASE_URL and that the server runs.")
        return
    with connection, connection.cursor() as cursor:
        version = connection.server_version
        text = f"PostgreSQL {version // 10000}.{version % 100} answers"
        yield Finding(version >= OLDEST_POSTGRES, text, "Parley needs PostgreSQL 15 or later.")
        cursor.execute("select name from pg_available_extensions where name = 'vector'")
        has_vector = cursor.fetchone() is not None
        text = "pgvector is there" if has_vector else "The extension pgvector is not installed on the database server."
        yield Finding(
            has_vector, text, "Debian: apt-get install postgresql-NN-pgvector; Docker: the image pgvector/pgvector."
        )
        cursor.execute("show fsync")
        safe = cursor.fetchone() == ("on",)
        yield Finding(
            safe, "writes are durable" if safe else "fsync is off.", "A power cut would lose messages: set fsync = on."
        )
        yield from language_model(cursor)
        yield from stuck(cursor)
    connection.close()
    waiting = migrate.pending(os.environ["DATABASE_URL"])
    text = f"Migrations to be applied: {', '.join(waiting)}." if waiting else "schema up to date"
    yield Finding(not waiting, text, "`parley migrate` applies them; so does the next `make run`.")


def language_model(cursor: Any) -> Iterator[Finding]:
    """Whether the bot can read, as the worker that thinks has said at its last start."""
    cursor.execute("select to_regclass('embedding_model') is not null")
    if not cursor.fetchone()[0]:
        return
    cursor.execute(
        "select d.embedding_model, m.available, m.fault from desk d join embedding_model m on m.id = d.embedding_model"
    )
    for name, available, fault in cursor.fetchall():
        text = f"the bot reads with {name}" if available else f"The bot hands every question to people: {fault}"
        yield Finding(available, text, "Install it where the brain worker runs, then start that worker again.")


def stuck(cursor: Any) -> Iterator[Finding]:
    """What does not get out or in, as the desk's own sweep counts it."""
    cursor.execute("select to_regclass('alarm') is not null")
    if not cursor.fetchone()[0]:
        return
    cursor.execute(
        "select a.dead, a.waiting, a.unread, a.cut_off, coalesce(h.name, w.name),"
        " case when a.channel_id is null then 'webhook' else 'channel' end"
        " from alarm a left join channel h on h.id = a.channel_id left join webhook w on w.id = a.webhook_id"
        " where a.ended_at is null order by a.id"
    )
    columns = ("dead", "waiting", "unread", "cut_off", "name", "about")
    found = [dict(zip(columns, each, strict=True)) for each in cursor.fetchall()]
    if not found:
        yield Finding(True, "nothing is stuck on its way out or in")
    for each in found:
        for sentence in alarm_facts(each):
            yield Finding(
                False, sentence, f"Settings → {each['about'].capitalize()}s → {each['name']} says what it is."
            )


def redis_server() -> Iterator[Finding]:
    client = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5, socket_connect_timeout=5)
    try:
        client.ping()
    except redis.RedisError as fault:
        yield Finding(False, f"Redis does not answer: {fault}", "Check REDIS_URL and that the server runs.")
        return
    try:
        config = client.config_get("maxmemory-policy") | client.config_get("appendonly")
    except redis.ResponseError:  # hosted servers keep their configuration to themselves
        yield Finding(True, "Redis answers")
        return
    finally:
        client.close()
    policy, append = config.get("maxmemory-policy", "noeviction"), config.get("appendonly", "yes")
    yield Finding(
        policy == "noeviction",
        f"Redis answers; maxmemory-policy {policy}",
        "With any other than noeviction it drops work in silence.",
    )
    yield Finding(
        append == "yes",
        f"its append-only file is {'on' if append == 'yes' else 'off'}",
        "Set appendonly yes, so that a restart keeps the queue.",
    )


def processes_answer(run_dir: RunDir) -> Iterator[Finding]:
    ready, report = health.front(int(os.environ.get("PARLEY_OPS_PORT") or 8001))
    text = "the front is ready" if ready else f"The front is not ready: {report or 'it does not answer'}."
    yield Finding(ready, text, f"Its log is {run_dir.logs / 'web.log'}.")
    answering = health.workers()
    for name in ("desk", "delivery", "bulk", "brain"):
        well = name in answering
        text = (
            f"the {name} worker answers"
            if well
            else f"The {name} worker does not answer (it may be in the middle of a job)."
        )
        yield Finding(well, text, f"Its log is {run_dir.logs / f'{name}.log'}.")
