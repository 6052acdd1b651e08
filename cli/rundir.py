"""The folder .run: what this checkout must remember between starts, and who runs in it now.

secrets.env          generated at first start; mode 600
demo-agents.json     the demo team's passwords; mode 600
up.json, up.lock     the run that is going on
logs/                one file for each process
media/               files of conversations
postgres/, valkey/   the data (elsewhere when root keeps it on a shelf; see cli/account.py)
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli import ROOT
from cli.errors import Trouble
from cli.processes import Identity

# Made once; the desk's data can only be opened with them.
GENERATED = ("PARLEY_SECRET_KEY", "PARLEY_POSTGRES_PASSWORD", "PARLEY_REDIS_PASSWORD")


class RunDir:
    """One checkout's .run folder, or the one that PARLEY_RUN_DIR names."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(os.environ.get("PARLEY_RUN_DIR") or ROOT / ".run").resolve()
        self.logs = self.path / "logs"

    def make(self) -> RunDir:
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            # The servers' own user must be able to pass through when we are root; to list it is for us alone.
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            self.logs.chmod(0o700)
        except PermissionError as error:
            raise Trouble(
                f"{error.filename or self.path} belongs to another user, so Parley cannot keep its data there.",
                "Start it as the user who started it first, or give the folder to yourself (sudo chown -R).",
            ) from error
        return self

    # ------------------------------------------------------------------------------------------- secrets

    def secrets(self) -> dict[str, str]:
        """The generated secrets, made now if this is the first start."""
        path = self.path / "secrets.env"
        known = dict(read_env(path)) if path.exists() else {}
        missing = [name for name in GENERATED if not known.get(name)]
        if missing:
            known.update((name, secrets.token_urlsafe(36)) for name in missing)
            text = "# Made at the first start. Without these the data of this desk cannot be opened.\n"
            write_private(path, text + "".join(f"{name}={value}\n" for name, value in known.items()))
        return known

    # --------------------------------------------------------------------------------------- the one run

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only run in this folder, or raise `Trouble` that names the other.

        The lock is the kernel's and ends with the process that holds it, however that
        ends: a stale one cannot exist. up.json only says who it is.
        """
        with (self.path / "up.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._occupied() from None
            yield

    def _occupied(self) -> Trouble:
        state = self.state()
        who = Identity.from_json(state.get("supervisor"))
        name = f"process {who.pid}" if who else "another process"
        where = f" Its console is at {state['console']}." if state.get("console") else ""
        way_on = f"Stop that one first: Ctrl-C where it runs, or `kill {who.pid}`." if who else "Stop that one first."
        return Trouble(f"Parley already runs in this folder ({name}).{where}", way_on)

    def state(self) -> dict[str, Any]:
        """What the current or the last run wrote about itself; {} when there is nothing to be read."""
        try:
            found = json.loads((self.path / "up.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def remember(self, state: Mapping[str, Any]) -> None:
        write_private(self.path / "up.json", json.dumps(state, indent=1))

    def forget(self) -> None:
        (self.path / "up.json").unlink(missing_ok=True)

    def left_over(self) -> list[Identity]:
        """Processes of a run that was killed and that still live. Numbers given anew to others do not count."""
        recorded = self.state().get("processes", {})
        found = [Identity.from_json(value) for value in recorded.values()] if isinstance(recorded, dict) else []
        return [process for process in found if process and process.alive()]

    def running(self) -> bool:
        who = Identity.from_json(self.state().get("supervisor"))
        return who is not None and who.alive()


def read_env(path: Path) -> Iterator[tuple[str, str]]:
    """The NAME=value lines of a file; comments and quotes as people write them."""
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            yield name.removeprefix("export ").strip(), value.strip().strip("'\"")


def write_private(path: Path, text: str) -> None:
    """Write a file only we can read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 600
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
