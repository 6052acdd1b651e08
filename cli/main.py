"""`parley`: the side door. Each command is a module with `arguments(parser)` and `run(arguments)`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from cli.errors import Trouble
from models.settings import BadSettings

COMMANDS = {
    "up": "run the whole desk on this machine",
    "services": "run only the embedded database and Redis",
    "migrate": "bring the database to this version's schema",
    "seed": "fill an empty desk with a demo",
    "agent": "make accounts; show the demo team's passwords",
    "doctor": "say what is wrong with this installation",
    "types": "write the TypeScript of the wire from the schemas",
    "bench": "run the measurements, or one of them",
}


def main(given: Sequence[str] | None = None) -> int:
    """Only the module of the command that was asked for is imported: `doctor` must work where others cannot."""
    words = list(sys.argv[1:] if given is None else given)
    overview = "\n".join(f"  {name:10}{what}" for name, what in COMMANDS.items())
    front = argparse.ArgumentParser(
        prog="parley",
        description="Run and look after a live-chat desk.",
        epilog=f"commands:\n{overview}\n\n`parley COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    front.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    name = front.parse_args(words[:1]).command
    module = import_module(f"cli.{name}")
    parser = argparse.ArgumentParser(prog=f"parley {name}", description=(module.__doc__ or "").replace("`", ""))
    module.arguments(parser)
    try:
        status: int = module.run(parser.parse_args(words[1:]))
    except Trouble as trouble:
        print(f"{trouble.sentence}\n{trouble.way_on}".rstrip(), file=sys.stderr)
        return 1
    except BadSettings as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read us has seen enough
        sys.stdout = None
        return 0
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
