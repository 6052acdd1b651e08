"""Real processes for the tests that need them: the front, the workers and beat, as `parley up` starts them.

    with desk() as running:
        requests.get(running.url + "/api/widget/config")
        running.kill("web")          # SIGKILL: nobody gets to say goodbye
        running.start("web")
        running.wait_until_ready()

They work on the database and the Redis of the pytest process that starts them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli import ROOT, formation, ports, processes

PATIENCE_S = 60  # a loaded two-core machine imports torch slowly
_desks: list[Desk] = []


class Desk:
    """The processes of one desk on free ports, each by its name: web, desk, delivery, brain, beat."""

    def __init__(self, parts: Sequence[formation.Part], home: Path, env: Mapping[str, str]) -> None:
        self.port, self.ops_port = ports.any_free(), ports.any_free()
        self.url, self.ops_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.ops_port}"
        self.home = home
        self._parts = {part.name: part for part in parts}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._env = {
            **os.environ,
            "PARLEY_PORT": str(self.port),
            "PARLEY_OPS_PORT": str(self.ops_port),
            "PARLEY_PUBLIC_URL": self.url,
            "PARLEY_LOG": "info",
            "ASYNC_MODE": os.environ["FRONT_ASYNC_MODE"],  # pytest itself stays with threads (tests/conftest.py)
            **env,
        }

    def start(self, name: str) -> None:
        part = self._parts[name]
        self._running[name] = processes.launch(
            part.command, log=self.log_of(name), env={**self._env, **part.env}, cwd=ROOT
        )

    def start_all(self) -> None:
        for name in self._parts:
            self.start(name)

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """SIGKILL, the whole family: a pool's children must not live on."""
        self._send(name, signal.SIGKILL)
        self._running[name].wait(10)

    def terminate(self, name: str, *, patience: float = 30) -> int:
        """SIGTERM, and wait for the orderly end. Returns the exit status."""
        self._running[name].terminate()
        return self._running[name].wait(patience)

    def pause(self, name: str) -> None:
        self._send(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self._send(name, signal.SIGCONT)

    def restart(self, name: str) -> None:
        self.terminate(name)
        self.start(name)

    def stop_all(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 20
        for name, process in self._running.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.kill(name)

    def wait_until_ready(self, patience: float = PATIENCE_S) -> None:
        """Until the front says that everything it needs answers."""
        deadline, heard = time.monotonic() + patience, "nothing"
        while time.monotonic() < deadline:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise AssertionError(f"{name} ended with {process.returncode} while starting:\n{self.log(name)}")
            if "web" not in self._running:
                return
            try:
                with urllib.request.urlopen(f"{self.ops_url}/health/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError as refusal:
                heard = refusal.read().decode("utf-8", "replace")
            except OSError as fault:
                heard = str(fault)
            time.sleep(0.1)
        raise AssertionError(f"The desk was not ready within {patience:.0f} s; last heard: {heard}\n{self.log('web')}")

    def ready_report(self) -> dict[str, object]:
        with urllib.request.urlopen(f"{self.ops_url}/health/ready", timeout=5) as answer:
            report: dict[str, object] = json.load(answer)
            return report

    def log_of(self, name: str) -> Path:
        return self.home / f"{name}.log"

    def log(self, name: str, *, last: int = 6000) -> str:
        path = self.log_of(name)
        return path.read_bytes()[-last:].decode("utf-8", "replace") if path.exists() else ""

    def log_from_here(self, name: str) -> Callable[[], str]:
        """What a part logs from now on, however long it has been at work for other tests."""
        before = self.log_of(name).stat().st_size
        return lambda: self.log_of(name).read_bytes()[before:].decode("utf-8", "replace")

    def names(self) -> list[str]:
        return list(self._parts)

    def _send(self, name: str, how: signal.Signals) -> None:
        os.killpg(self._running[name].pid, how)


@contextmanager
def desk(
    *, parts: Sequence[str] = ("web", "desk", "delivery", "brain", "beat"), env: Mapping[str, str] | None = None
) -> Iterator[Desk]:
    """A running desk. `parts` names the processes to start; `env` adds to their environment."""
    with tempfile.TemporaryDirectory(prefix="parley-desk-") as folder:
        home = Path(folder)
        wanted = [part for part in formation.everything() if part.name in parts]
        running = Desk(wanted, home, env or {})
        _desks.append(running)
        try:
            running.start_all()
            running.wait_until_ready()
            yield running
        finally:
            running.stop_all()
            _desks.remove(running)


def running() -> bool:
    """Whether any desk runs in this pytest process now."""
    return bool(_desks)


def last_words() -> list[tuple[str, str]]:
    """For the report of a failed test: the end of every log of every running desk."""
    return [(name, text) for each in _desks for name in each.names() if (text := each.log(name))]
