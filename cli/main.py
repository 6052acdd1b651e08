"""`parley`: the side door. Each command is a module with `add_to(commands)` and `run(arguments)`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from cli.errors import Trouble

COMMANDS = ("up", "services", "migrate", "seed", "agent", "doctor", "types", "bench")


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="parley", description="Run and look after a live-chat desk.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"cli.{name}").add_to(commands)
    arguments = parser.parse_args(given)
    try:
        status: int = arguments.run(arguments)
    except Trouble as trouble:
        print(f"{trouble.sentence}\n{trouble.way_on}".rstrip(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
