"""Fixtures for the side door: a .run folder of the test's own, and real servers in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import ports
from cli.rundir import RunDir


@pytest.fixture
def run_dir() -> Iterator[RunDir]:
    """A fresh .run where the servers' own user can reach it (pytest's tmp_path lets nobody else in)."""
    home = Path(tempfile.mkdtemp(prefix="parley-run-"))
    home.chmod(0o711)
    yield RunDir(home / ".run").make()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As on a fresh machine: nothing of the desk in the environment."""
    for name in [name for name in os.environ if name.startswith("PARLEY_") or name in ("DATABASE_URL", "REDIS_URL")]:
        monkeypatch.delenv(name)
    # Other runs on this machine have the usual ports.
    monkeypatch.setattr("cli.embedded.POSTGRES_PORT", ports.any_free())
    monkeypatch.setattr("cli.embedded.REDIS_PORT", ports.any_free())
    return monkeypatch
