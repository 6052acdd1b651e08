"""Processes are kept alive, and what cannot be kept alive is said so."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from cli import supervisor as module
from cli.errors import Trouble
from cli.formation import Part
from cli.processes import Identity
from cli.rundir import RunDir
from cli.supervisor import Supervisor

SLEEPER = Part("sleeper", (sys.executable, "-c", "print('here', flush=True); import time; time.sleep(60)"))
FAINTING = Part("fainting", (sys.executable, "-c", "raise SystemExit('no heart')"))


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def keeper(run_dir: RunDir, told: list[int]) -> Iterator[Supervisor]:
    keeper = Supervisor(os.environ, run_dir.logs, changed=lambda: told.append(1))
    yield keeper
    keeper.stop()


def watch_until(keeper: Supervisor, what: Callable[[], object], *, patience: float = 15) -> None:
    deadline = time.monotonic() + patience
    while not what() and time.monotonic() < deadline:
        keeper.watch()
        time.sleep(0.02)
    assert what()


def test_a_killed_process_is_started_again(
    keeper: Supervisor, told: list[int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUICK_S", 0)
    keeper.start(SLEEPER)
    first = keeper.identities()["sleeper"]
    os.kill(first.pid, signal.SIGKILL)
    watch_until(keeper, lambda: keeper.identities().get("sleeper", first).pid != first.pid)
    assert keeper.identities()["sleeper"].alive()
    assert "`sleeper` ended (SIGKILL); starting it again." in capsys.readouterr().out
    assert len(told) == 2


def test_what_dies_at_once_again_and_again_ends_the_run_with_its_last_words(
    keeper: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.01)
    keeper.start(FAINTING)
    with pytest.raises(Trouble, match="no heart") as told:
        watch_until(keeper, lambda: False)
    assert "ended 5 times right after its start (exit 1)" in told.value.sentence
    assert "fainting.log" in told.value.way_on


def test_stopping_ends_all_and_their_children(keeper: Supervisor, run_dir: RunDir) -> None:
    parent = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); time.sleep(60)"
    )
    keeper.start(Part("parent", (sys.executable, "-c", parent)))
    log = run_dir.logs / "parent.log"
    watch_until(keeper, lambda: log.exists() and log.read_text().strip())
    child = Identity.of(int(log.read_text()))
    assert child is not None
    keeper.stop()
    assert not child.alive()
    assert keeper.identities() == {}


def test_each_part_gets_its_own_environment_and_log(keeper: Supervisor, run_dir: RunDir) -> None:
    code = "import os; print(os.environ['HUE'], flush=True); import time; time.sleep(60)"
    keeper.start(Part("blue", (sys.executable, "-c", code), {"HUE": "blue"}))
    watch_until(keeper, lambda: "blue" in (run_dir.logs / "blue.log").read_text())
