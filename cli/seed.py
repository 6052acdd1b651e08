"""`parley seed`: fill an empty desk with a small lively demo, or with the bare settings. Safe to run twice."""

from __future__ import annotations

import argparse

from cli.demo_team import DemoTeam
from cli.environment import use_running_desk
from cli.rundir import RunDir
from models.db import connect
from models.settings import settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bare", action="store_true", help="only what a desk cannot do without: no people, no chats")


def run(asked: argparse.Namespace) -> int:
    run_dir = RunDir().make()
    use_running_desk(run_dir)
    connect(settings(), application="parley-seed")
    seed(run_dir, demo=not asked.bare)
    print("The desk is filled. `parley agent list-demo` shows how to sign in.")
    return 0


def seed(run_dir: RunDir, *, demo: bool = True) -> None:
    """What is there already stays as it is; passwords are made for new agents only."""
    from models.seeds import desk

    desk.seed(demo=demo, passwords=DemoTeam(run_dir).hash_for)
