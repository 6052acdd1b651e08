"""Law 1: who may import whom. The contracts stand in pyproject.toml; here they are kept, and seen to bite."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.support.sources import PYTHON, ROOT

# One import that breaks each contract: where it is planted, and what is planted.
PLANTED = {
    "The doors do not know each other": ("workers/speaking.py", "import web.commands"),
    "The desk does not know its doors": ("models/queries/queue.py", "import web.errors"),
    "Inside the desk, imports go down only": ("models/db.py", "import models.actions.chats"),
    "Rules are pure: no database, web, queue or cache": ("models/rules/rates.py", "import models.jobs"),
    "Actions have an order: what happens to one chat is below what happens to many": (
        "models/actions/timers.py",
        "import models.actions.assignment",
    ),
}


def test_the_contracts_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(no_logo=True, no_cache=True)
    assert status == 0, (
        "Doors that know each other cannot be replaced one at a time, and a desk that knows its doors cannot be"
        f" tested without them:\n{capsys.readouterr().out}"
    )


def test_each_contract_catches_the_import_it_is_there_for(tmp_path: Path) -> None:
    for folder in PYTHON:
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("frontend", "static", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, planted in PLANTED.values():
        path = tmp_path / name
        path.write_text(path.read_text() + f"\n{planted}\n")
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    assert set(PLANTED) == {contract["name"] for contract in contracts}, "every contract has something planted for it"
    assert set(re.findall(r"^(.+) BROKEN", said.stdout, re.M)) == set(PLANTED), said.stdout + said.stderr
