"""Start a bare server to be measured beside the desk, on the desk's own Postgres and Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.desk import Desk
from cli import ROOT, node, ports

HERE = Path(__file__).resolve().parent
FLASK, NODE = "flask-socketio bare", "node socket.io bare"
INSTALL_S, START_S = 180, 20


class Unavailable(Exception):
    """This anchor cannot be had here; the text says why."""


@dataclass(frozen=True)
class Anchor:
    pid: int
    port: int


@contextmanager
def anchor(name: str, desk: Desk) -> Iterator[Anchor]:
    """The bare server, running. Raises `Unavailable`."""
    command, env = _flask() if name == FLASK else _node()
    port = ports.any_free()
    process = subprocess.Popen(
        command,
        env={**os.environ, **env, **desk.addresses(), "PORT": str(port)},
        cwd=HERE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_answers(process, port)
        yield Anchor(process.pid, port)
    finally:
        process.kill()
        process.wait(5)


def _flask() -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-W", "ignore", str(HERE / "flask_socketio_bare.py")], {}


def _node() -> tuple[list[str], dict[str, str]]:
    place = node.system() or node.from_wheel(ROOT / ".node")
    if place is None:
        raise Unavailable("there is no Node.js here; `make run` brings one")
    env = {"PATH": os.pathsep.join([str(place), os.environ.get("PATH", "")])}
    if not (HERE / "node_modules").exists():
        _install(env)
    return [str(place / "node"), str(HERE / "socketio_bare.mjs")], env


def _install(env: dict[str, str]) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    try:
        subprocess.run(command, cwd=HERE, env={**os.environ, **env}, check=True, timeout=INSTALL_S, capture_output=True)
    except (OSError, subprocess.SubprocessError) as fault:
        raise Unavailable("its npm packages could not be installed") from fault


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise Unavailable("it did not start")
