"""Where a command finds its settings: the environment, then .env, then what `parley up` made in .run.

The real environment always wins, so a deployment that sets everything never looks
into a file.
"""

from __future__ import annotations

import os

from cli import ROOT
from cli.errors import Trouble
from cli.rundir import RunDir, read_env

ADDRESSES = ("DATABASE_URL", "REDIS_URL")


def load_env_file() -> None:
    """Take from .env what the environment does not say."""
    path = ROOT / ".env"
    if path.exists():
        for name, value in read_env(path):
            if value:
                os.environ.setdefault(name, value)


def use_running_desk(run_dir: RunDir) -> None:
    """Complete the environment with the addresses and secrets of the desk that runs in this folder.

    Raises `Trouble` when neither the environment nor a running desk names a database.
    """
    load_env_file()
    state = run_dir.state() if run_dir.running() else {}
    for name, value in state.get("env", {}).items():
        os.environ.setdefault(name, value)
    if any(not os.environ.get(name) for name in ADDRESSES):
        raise Trouble(
            "No desk runs in this folder, and DATABASE_URL and REDIS_URL are not set.",
            "Start one with `make run` in another terminal, or set both.",
        )
