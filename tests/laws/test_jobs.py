"""Law 6: every job has a task, a route and a process that consumes its queue; no far-away countdowns."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.jobs import Job

ROOT = Path(__file__).resolve().parents[2]
OURS = ("models", "web", "workers", "cli")


@pytest.fixture(scope="module")
def config() -> Any:
    return importlib.import_module("celeryconfig")


@pytest.fixture(scope="module")
def consumed() -> set[str]:
    """The queues that the processes of a desk are told to consume."""
    from cli import formation

    words = [word for part in formation.everything() for word in part.command]
    return {queue for word in words if (found := re.match(r"--queues=(.+)", word)) for queue in found[1].split(",")}


def test_every_job_has_exactly_one_task() -> None:
    from workers.app import app

    app.loader.import_default_modules()
    tasks = {name for name in app.tasks if not name.startswith("celery.")}
    assert tasks == {job.value for job in Job}


def test_every_job_has_a_route_to_a_declared_queue(config: Any) -> None:
    assert set(config.task_routes) == set(Job)
    declared = {queue.name for queue in config.task_queues}
    assert {route["queue"] for route in config.task_routes.values()} <= declared


def test_every_declared_queue_is_consumed_by_a_process_and_no_other(config: Any, consumed: set[str]) -> None:
    assert {queue.name for queue in config.task_queues} == consumed


def test_beat_starts_only_jobs_there_are_and_never_lets_them_pile_up(config: Any) -> None:
    for name, entry in config.beat_schedule.items():
        assert entry["task"] in set(Job), name
        assert entry["options"]["expires"] <= entry["schedule"], name


def test_every_consumed_queue_has_a_canary(config: Any, consumed: set[str]) -> None:
    sung = {entry["options"]["queue"] for entry in config.beat_schedule.values() if entry["task"] == Job.CANARY}
    assert sung == consumed


def test_no_time_limit_reaches_the_visibility_timeout(config: Any) -> None:
    """A task still running when its message becomes visible again would run twice."""
    from workers.app import app

    app.loader.import_default_modules()
    limits = [app.tasks[job.value].time_limit or config.task_time_limit for job in Job]
    visible = config.broker_transport_options["visibility_timeout"]
    assert max(limits) < visible
    assert config.visibility_timeout == config.result_backend_transport_options["visibility_timeout"] == visible


def test_the_brain_is_never_forked() -> None:
    from cli import formation

    assert "--pool=solo" in formation.brain_worker().command


def keywords(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield from ((word.arg, node.lineno) for word in node.keywords if word.arg)


def test_nothing_is_put_off_by_countdown_or_eta() -> None:
    """Redis hands a task that waits longer than the visibility timeout to everybody. Deadlines are rows."""
    found = [
        f"{path.relative_to(ROOT)}:{line} {word}="
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
        for word, line in keywords(path)
        if word in {"countdown", "eta"}
    ]
    assert not found, found


def test_only_the_brain_pays_for_the_model() -> None:
    """The desk's workers import every task module; none of them may pull in torch or scikit-learn."""
    import subprocess
    import sys

    code = (
        "import sys; from workers.app import app; app.loader.import_default_modules();"
        "print([name for name in ('torch', 'sentence_transformers', 'sklearn') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
