"""`parley bench`: run the measurements in bench/, or one of them by name."""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys

from cli import ROOT
from cli.errors import Trouble
from cli.formation import ONE_THREAD

BENCHES = ROOT / "bench"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="one of those that `--list` names; without it, all")
    parser.add_argument("--list", action="store_true", help="name them, run nothing")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="handed on to the measurement")


def run(asked: argparse.Namespace) -> int:
    known = benches()
    if asked.list:
        for name, what in known.items():
            print(f"{name:14} {what}")
        return 0
    if asked.name and asked.name not in known:
        raise Trouble(f"There is no measurement `{asked.name}`.", f"There are: {', '.join(known)}.")
    worst = 0
    for name in [asked.name] if asked.name else known:
        print(f"\n=== {name}: {known[name]}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *asked.rest]
        worst = max(worst, subprocess.run(command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, check=False).returncode)
    return worst


def benches() -> dict[str, str]:
    """Every module in bench/ that can be run, with the first line of its docstring."""
    found = {}
    for path in sorted(BENCHES.glob("[!_]*.py")):
        source = path.read_text()
        if '__name__ == "__main__"' in source:
            found[path.stem] = _first_line(source)
    return found


def _first_line(source: str) -> str:
    return (ast.get_docstring(ast.parse(source)) or "").split("\n", 1)[0]
