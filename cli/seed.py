"""`parley seed`: fill an empty desk with a small lively demo, or with the bare settings. Safe to run twice."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from cli.demo_team import DemoTeam
from cli.environment import use_running_desk
from cli.rundir import RunDir
from models.db import connect, connection
from models.seeds import desk
from models.settings import settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bare", action="store_true", help="only what a desk cannot do without: no people, no chats")
    parser.add_argument(
        "--origin", action="append", default=[], help="a website that may show the widget, as https://host"
    )


def run(asked: argparse.Namespace) -> int:
    run_dir = RunDir().make()
    use_running_desk(run_dir)
    connect(settings(), statement_ms=60_000, idle_ms=0, application="parley-seed")
    with connection():
        if asked.bare:
            desk.seed_bare(origins=asked.origin)
        else:
            seed_demo(run_dir, origins=asked.origin)
    print("What was missing is there now. `parley agent list-demo` shows how the demo team signs in.")
    return 0


def seed_demo(run_dir: RunDir, *, origins: Sequence[str] = ()) -> None:
    """What is there already stays as it is; passwords are made for new agents only."""
    desk.seed_demo(passwords=DemoTeam(run_dir).hash_for, origins=origins)
