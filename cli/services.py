"""`parley services`: only the embedded database and Redis, for somebody who starts the rest by hand."""

from __future__ import annotations

import argparse
import os
import shlex
import time

from cli import processes
from cli.embedded import Embedded
from cli.environment import load_env_file
from cli.progress import say
from cli.rundir import RunDir


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(asked: argparse.Namespace) -> int:
    load_env_file()
    run_dir = RunDir().make()
    with run_dir.alone():
        processes.end(run_dir.left_over(), patience=20)
        secrets = run_dir.secrets()
        embedded = Embedded.for_run(run_dir, secrets)
        try:
            embedded.start()
            env = {
                **embedded.addresses(),
                "PARLEY_SECRET_KEY": os.environ.get("PARLEY_SECRET_KEY") or secrets["PARLEY_SECRET_KEY"],
            }
            run_dir.remember(describe(embedded, env))
            say("\n".join(f"export {name}={shlex.quote(value)}" for name, value in env.items()))
            say("Ctrl-C stops them; the data stays.")
            while all(server.process and server.process.poll() is None for server in embedded.servers().values()):
                time.sleep(0.5)
        finally:
            embedded.stop()
            run_dir.forget()
    return 1


def describe(embedded: Embedded, env: dict[str, str]) -> dict[str, object]:
    """What up.json says of the embedded servers and the way to them."""
    us = processes.Identity.of(os.getpid())
    found = {name: processes.Identity.of(s.process.pid) for name, s in embedded.servers().items() if s.process}
    return {
        "supervisor": us.to_json() if us else None,
        "processes": {name: identity.to_json() for name, identity in found.items() if identity},
        "env": env,
    }
