"""What .run remembers, and who may work in it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time

import pytest

from cli import processes
from cli.demo_team import DemoTeam, hasher
from cli.errors import Trouble
from cli.processes import Identity
from cli.rundir import RunDir
from models.rules.passwords import check_new, generate


def test_secrets_are_made_once_and_are_nobody_elses_to_read(run_dir: RunDir) -> None:
    first = run_dir.secrets()
    assert run_dir.secrets() == first
    assert len(first["PARLEY_SECRET_KEY"]) >= 32
    assert (run_dir.path / "secrets.env").stat().st_mode & 0o077 == 0


def test_a_secret_that_was_lost_is_made_again_and_the_others_stay(run_dir: RunDir) -> None:
    first = run_dir.secrets()
    path = run_dir.path / "secrets.env"
    path.write_text("".join(line for line in path.open() if "SECRET_KEY" not in line))
    second = run_dir.secrets()
    assert second["PARLEY_POSTGRES_PASSWORD"] == first["PARLEY_POSTGRES_PASSWORD"]
    assert second["PARLEY_SECRET_KEY"] != first["PARLEY_SECRET_KEY"]


def test_a_second_run_in_the_same_folder_is_refused_and_told_by_whom(run_dir: RunDir) -> None:
    us = Identity.of(os.getpid())
    assert us is not None
    with run_dir.alone():
        run_dir.remember({"supervisor": us.to_json(), "console": "http://127.0.0.1:8000"})
        with pytest.raises(Trouble) as refused, RunDir(run_dir.path).alone():
            pass
    assert f"process {os.getpid()}" in refused.value.sentence
    assert "http://127.0.0.1:8000" in refused.value.sentence
    assert f"kill {os.getpid()}" in refused.value.way_on


def test_the_folder_is_free_again_once_the_first_run_was_killed(run_dir: RunDir) -> None:
    code = (
        "import sys, time; from pathlib import Path; from cli.rundir import RunDir\n"
        "with RunDir(Path(sys.argv[1])).alone(): print('in', flush=True); time.sleep(60)"
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(run_dir.path)], stdout=subprocess.PIPE)
    assert first.stdout is not None
    first.stdout.readline()
    with pytest.raises(Trouble), run_dir.alone():
        pass
    first.kill()
    first.wait()
    with run_dir.alone():
        pass


def test_a_number_given_to_another_process_is_not_taken_for_ours(run_dir: RunDir) -> None:
    us = Identity.of(os.getpid())
    assert us is not None
    earlier = Identity(us.pid, us.began - 3600)
    run_dir.remember({"supervisor": earlier.to_json(), "processes": {"web": earlier.to_json(), "desk": us.to_json()}})
    assert not run_dir.running()
    assert run_dir.left_over() == [us]


def test_what_a_killed_run_left_behind_is_found_and_ended(run_dir: RunDir) -> None:
    orphan = subprocess.Popen(["sleep", "60"])
    identity = Identity.of(orphan.pid)
    assert identity is not None
    run_dir.remember({"supervisor": None, "processes": {"web": identity.to_json()}})
    assert run_dir.left_over() == [identity]
    processes.end(run_dir.left_over(), patience=5)
    orphan.wait(1)
    assert run_dir.left_over() == []


def test_whoever_will_not_end_is_killed() -> None:
    deaf = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
    )
    assert deaf.stdout is not None
    deaf.stdout.readline()
    identity = Identity.of(deaf.pid)
    assert identity is not None
    assert processes.end([identity], patience=0.3) == [identity]
    assert deaf.wait(1) == -9


def test_children_end_when_their_parent_is_killed_without_a_word(run_dir: RunDir) -> None:
    code = (
        "import sys, time; from pathlib import Path; from cli import processes\n"
        "child = processes.launch(['sleep', '60'], log=Path(sys.argv[1])); print(child.pid, flush=True); time.sleep(60)"
    )
    log = run_dir.logs / "sleep.log"
    parent = subprocess.Popen([sys.executable, "-c", code, str(log)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = Identity.of(int(parent.stdout.readline()))
    assert child is not None
    parent.kill()
    parent.wait()
    assert processes.wait_gone([child], patience=5) == []


def test_damaged_notes_are_as_good_as_none(run_dir: RunDir) -> None:
    (run_dir.path / "up.json").write_text('{"supervisor": {"pid": "many"}, "processes": 7}')
    assert not run_dir.running()
    assert run_dir.left_over() == []
    (run_dir.path / "up.json").write_text("{")
    assert run_dir.state() == {}


def test_demo_passwords_are_made_once_kept_and_good_enough(run_dir: RunDir) -> None:
    team = DemoTeam(run_dir)
    first_hash, second_hash = team.hash_for("maya@fernhill.example"), team.hash_for("femi@fernhill.example")
    maya, femi = DemoTeam(run_dir).members()
    assert maya.password != femi.password
    assert hasher.verify(first_hash, maya.password)
    assert hasher.verify(second_hash, femi.password)
    assert hasher.verify(team.hash_for(maya.email), maya.password)
    assert first_hash.startswith("$argon2id$")
    assert (run_dir.path / "demo-agents.json").stat().st_mode & 0o077 == 0
    assert maya.password in team.table()


def test_generated_passwords_pass_our_own_rules() -> None:
    made = {generate(secrets.choice) for _ in range(200)}
    assert len(made) == 200
    for password in made:
        check_new(password)


def test_an_identity_outlives_neither_its_process_nor_its_burial() -> None:
    brief = subprocess.Popen(["true"])
    time.sleep(0.2)  # ended, and not yet waited for
    identity = Identity.of(brief.pid)
    assert identity is None or not identity.alive()
    brief.wait()
    assert Identity.of(brief.pid) is None
