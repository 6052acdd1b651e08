"""`parley up` from the first word to the last, with real processes: a second one, a killed one, an orderly end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from cli import ROOT, ports, processes
from cli.rundir import RunDir

pytestmark = pytest.mark.timeout(300)


class Started:
    """One `parley up` and what it has said so far."""

    def __init__(self, home: Path, words: Path) -> None:
        self.words = words
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PARLEY_", "FRONT_", "COV"))}
        for name in ("DATABASE_URL", "REDIS_URL", "ASYNC_MODE"):
            env.pop(name, None)
        self.port = ports.any_free()
        env |= {
            "PARLEY_RUN_DIR": str(home),
            "PARLEY_PORT": str(self.port),
            **{f"PARLEY_{which}_PORT": str(ports.any_free()) for which in ("OPS", "SHOP", "POSTGRES", "REDIS")},
        }
        with words.open("ab") as file:
            command = [sys.executable, "-m", "cli.main", "up"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=file, stderr=file)

    def said(self) -> str:
        return self.words.read_text()

    def wait_for(self, words: str, *, patience: float = 120) -> str:
        deadline = time.monotonic() + patience
        while words not in self.said() and time.monotonic() < deadline:
            assert self.process.poll() is None, self.said()
            time.sleep(0.1)
        assert words in self.said(), self.said()
        return self.said()


@contextmanager
def up(run_dir: RunDir, name: str) -> Iterator[Started]:
    started = Started(run_dir.path, run_dir.path.parent / f"{name}.txt")
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGINT)
            started.process.wait(40)


def test_a_first_start_a_refused_second_a_killed_run_and_a_quick_return(run_dir: RunDir) -> None:
    with up(run_dir, "first") as first:
        said = first.wait_for("Ctrl-C stops everything")
        passwords = re.findall(r"\S+@fernhill\.example +(\S+)", said)
        assert len(set(passwords)) == 8
        shop = re.search(r"Demo shop +(\S+)", said)
        assert shop is not None
        page = urllib.request.urlopen(shop.group(1), timeout=5).read().decode()
        assert f"http://127.0.0.1:{first.port}/w.js" in page

        second = Started(run_dir.path, run_dir.path.parent / "second.txt")
        assert second.process.wait(60) == 1
        assert f"Parley already runs in this folder (process {first.process.pid})." in second.said()
        assert "Traceback" not in second.said()

        family = processes.offspring(first.process.pid)
        first.process.kill()
        first.process.wait()

    began = time.monotonic()
    with up(run_dir, "third") as third:
        said = third.wait_for("Ready after")
        assert "The last run ended without saying goodbye" in said
        assert "Making a new database" not in said
        assert passwords[0] not in said
        assert [each for each in family if each.alive()] == []
        assert time.monotonic() - began < 60  # ten seconds on a machine that does nothing else
        family = processes.offspring(third.process.pid)
        bystander = subprocess.Popen(["sleep", "60"])
        third.process.send_signal(signal.SIGINT)
        assert third.process.wait(40) == 0
        assert "Stopped. The data stays." in third.said()
        assert processes.wait_gone(family, patience=2) == []
        assert psutil.pid_exists(bystander.pid)
        bystander.kill()
        bystander.wait()


def test_a_busy_port_is_said_before_anything_is_started(run_dir: RunDir) -> None:
    with held_port() as port:
        env = {**os.environ, "PARLEY_RUN_DIR": str(run_dir.path), "PARLEY_PORT": str(port)}
        command = [sys.executable, "-m", "cli.main", "up"]
        refused = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert f"Port {port} is held by" in refused.stderr
    assert f"PARLEY_PORT={port + 80} make run" in refused.stderr


@contextmanager
def held_port() -> Iterator[int]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held.getsockname()[1]
