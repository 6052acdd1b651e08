"""Who runs the embedded servers, and where such a user can read and write.

PostgreSQL refuses to run as root, and Redis has no need to. Started by root, both
run as an unprivileged user that every Linux has; that user must be able to reach
the programs and the data, which a checkout below /root does not allow.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import Trouble

# Kept across reboots, unlike /tmp and (by tmpfiles' rules) /var/tmp.
ROOTS_SHELF = Path("/var/lib/parley")


@dataclass(frozen=True)
class Account:
    """A system user to run servers as; None stands for "whoever we are"."""

    name: str
    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}


def service_account() -> Account | None:
    """Ourselves when we are an ordinary user, else the unprivileged user of this system."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Trouble(
        "Parley was started by root, and this system has no user `postgres` or `nobody` to run the database as.",
        "Start it as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours.",
    )


def give(path: Path, account: Account | None) -> None:
    """Make `path` the account's own and nobody else's."""
    path.chmod(0o700 if path.is_dir() else 0o600)
    if account:
        os.chown(path, account.uid, account.gid)


def reachable(path: Path) -> bool:
    """Whether any user may walk to `path`: every folder above it, as far as it exists, lets others pass."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents if parent.exists())


def home_for(run_dir: Path, account: Account | None) -> Path:
    """Where the servers of this checkout keep their data: .run, or a shelf of root's when .run is out of reach."""
    if account is None or reachable(run_dir):
        return run_dir
    mark = hashlib.sha256(str(run_dir.resolve()).encode()).hexdigest()[:8]
    home = ROOTS_SHELF / f"{run_dir.resolve().parent.name}-{mark}"
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    return home


def readable_copy(parts: list[Path], *, name: str, account: Account | None) -> Path:
    """The folder that holds `parts` side by side, where the account can run them.

    That is where they lie already, if every user may go there; else a copy on
    root's shelf, made once. Shared libraries are found relative to the program,
    so the parts keep their places beside each other.
    """
    origin = parts[0].parent
    if account is None or (reachable(parts[0]) and all(_open_to_all(part) for part in parts)):
        return origin
    shelf = ROOTS_SHELF / name
    if not (shelf / ".complete").exists():
        shutil.rmtree(shelf, ignore_errors=True)
        shelf.mkdir(mode=0o755, parents=True)
        for part in parts:
            shutil.copytree(part, shelf / part.name, symlinks=True)
        for path in [shelf, *shelf.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        (shelf / ".complete").touch()
    return shelf


def _open_to_all(folder: Path) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH
    return folder.stat().st_mode & wanted == wanted
