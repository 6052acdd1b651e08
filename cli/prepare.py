"""`python3 -m cli.prepare python frontend chromium`: everything the commands of the Makefile stand on.

Runs before anything is installed, so it imports nothing but the standard library.
Each part remembers in .make/ what it was made from: nothing is done twice, and an
interrupted part is simply done again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from cli import ROOT, node
from cli.errors import Trouble
from cli.progress import Progress, say

VENV, STAMPS = ROOT / ".venv", ROOT / ".make"
PYTHON = VENV / "bin" / "python"
FRONTEND, BUILT = ROOT / "web" / "frontend", ROOT / "web" / "static" / "dist"

OLDEST = (3, 11)
# On the ordinary registry, torch for Linux brings some gigabytes of GPU libraries that a desk has no use for.
# Its makers keep the build for processors here.
TORCH_FOR_PROCESSORS = "https://download.pytorch.org/whl/cpu"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(wanted: list[str]) -> int:
    _insist_on_a_new_enough_python()
    parts = {"python": prepare_python, "frontend": prepare_frontend, "node": prepare_node, "chromium": prepare_chromium}
    os.chdir(ROOT)
    STAMPS.mkdir(exist_ok=True)
    try:
        for name in wanted:
            parts[name]()
    except Trouble as trouble:
        print(f"\n{trouble.sentence}\n{trouble.way_on}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next start goes on from here.", file=sys.stderr)
        return 130
    return 0


def prepare_python() -> None:
    """The environment in .venv with the pinned versions, and Parley itself in it."""
    pins, project = ROOT / "requirements.txt", ROOT / "pyproject.toml"
    made_from = _digest([pins, project], sys.version.split()[0], str(ROOT))
    if _stamped("python", made_from) and _runs(PYTHON):
        return
    _make_venv()
    torch = next(line for line in pins.read_text().splitlines() if line.startswith("torch=="))
    if not _has(torch):
        _pip("Installing torch", ["--no-deps", torch, *_torch_index()], expect=1)
    _pip("Installing the pinned packages", ["-r", str(pins)], expect=pins.read_text().count("=="))
    # The build tool is among the pins; fetching another into an isolated build would need the registry again.
    _pip("Installing Parley", ["--no-deps", "--no-build-isolation", "--editable", "."], expect=1)
    _stamp("python", made_from)


def prepare_node() -> None:
    """A Node.js new enough to build the front end: the system's, or one from a wheel in .node/."""
    place = node.system() or node.from_wheel(ROOT / ".node")
    if place is None:
        say("This system has no Node.js that fits; fetching one into .node/ (60 MB).")
        _pip("Installing Node.js", ["--no-deps", "--target", str(ROOT / ".node" / "wheel"), node.WHEEL], expect=1)
        place = node.from_wheel(ROOT / ".node")
    if place is None:
        raise Trouble(
            "The Node.js from the wheel does not run on this machine.",
            "Install Node.js 22.12 or later with npm yourself and run this again.",
        )
    (STAMPS / "node").write_text(str(place))


def prepare_frontend() -> None:
    """The console, the widget and the loader, built into web/static/dist."""
    locks, sources = _digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"]), _digest(_frontend_sources())
    installed = _stamped("npm", locks) and (FRONTEND / "node_modules").exists()
    built = _stamped("frontend", sources) and BUILT.exists()
    if installed and built:
        return
    prepare_node()
    path = os.pathsep.join([(STAMPS / "node").read_text(), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path}
    if not installed:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=http"]
        _run("Installing the front end's packages", command, env=env, cwd=FRONTEND, advice=NPM_ADVICE)
        _stamp("npm", locks)
    if not built:
        _run("Building the front end", ["npm", "run", "build"], env=env, cwd=FRONTEND, advice="")
        _stamp("frontend", sources)


def prepare_chromium() -> None:
    """A Chromium for the browser tests."""
    if os.environ.get("PARLEY_CHROMIUM") or any(shutil.which(name) for name in CHROMIUMS):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("The browser tests need Chromium; installing Debian's.")
        install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        advice = "Install a Chromium yourself, or run `make test BROWSER=0` to leave its tests out."
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run("Updating apt's lists", ["apt-get", "update"], env=env, cwd=ROOT, advice=advice)
        _run("Installing Chromium", install, env=env, cwd=ROOT, advice=advice)
        return
    raise Trouble(
        "The browser tests need Chromium, and there is none on PATH.",
        "Install it (Debian, Ubuntu: `sudo apt-get install chromium`; Fedora: `sudo dnf install chromium`), name one in"
        " PARLEY_CHROMIUM, or run `make test BROWSER=0` to leave these tests out.",
    )


def _insist_on_a_new_enough_python() -> None:
    if sys.version_info >= OLDEST:
        return
    for minor in (14, 13, 12, 11):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, "-m", "cli.prepare", *sys.argv[1:]])  # noqa: S606 - the same program, a newer Python
    sys.exit(
        f"Parley needs Python 3.11 or later; this is {sys.version.split()[0]}. Name a newer one: make PYTHON=python3.12"
    )


def _make_venv() -> None:
    if _runs(PYTHON) and _quietly(PYTHON, "-m", "pip", "--version").returncode == 0:
        return
    say("Making an environment in .venv.")
    shutil.rmtree(VENV, ignore_errors=True)
    made = _quietly(sys.executable, "-m", "venv", VENV)
    if made.returncode != 0 and os.geteuid() == 0 and shutil.which("apt-get"):
        # Debian ships Python without the part that makes environments.
        package = "python{}.{}-venv".format(*sys.version_info)
        say(f"This Python cannot make environments yet; installing Debian's {package}.")
        _quietly("apt-get", "update", "-qq")
        _quietly("apt-get", "install", "-y", "-qq", package)
        shutil.rmtree(VENV, ignore_errors=True)
        made = _quietly(sys.executable, "-m", "venv", VENV)
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Trouble(
            "This Python cannot make an environment: its `venv` module is incomplete.",
            "On Debian and Ubuntu: sudo apt-get install python3-venv. Then run this again.",
        )


def _torch_index() -> list[str]:
    if chosen := os.environ.get("PARLEY_TORCH_INDEX"):
        return ["--index-url", chosen]
    if sys.platform != "linux":
        return []
    try:
        with urllib.request.urlopen(f"{TORCH_FOR_PROCESSORS}/torch/", timeout=5):  # noqa: S310 - a constant https address
            return ["--extra-index-url", TORCH_FOR_PROCESSORS]
    except OSError:
        say("The torch build for processors is out of reach; taking what the usual registry offers (it may be large).")
        return []


PIP_ADVICE = (
    "Check the network, or name a mirror of yours in PIP_INDEX_URL (behind a company's own certificate: PIP_CERT)."
    " What is already here is kept: running this again goes on from here."
)
NPM_ADVICE = (
    "Check the network, or name a mirror of yours in NPM_CONFIG_REGISTRY (behind a company's own certificate:"
    " NODE_EXTRA_CA_CERTS). Then run this again."
)


def _pip(title: str, arguments: list[str], *, expect: int) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    _run(title, [*command, *arguments], env=dict(os.environ), cwd=ROOT, advice=PIP_ADVICE, expect=expect)


def _run(title: str, command: list[str], *, env: dict[str, str], cwd: Path, advice: str, expect: int = 0) -> None:
    """Run a long step: its progress on one line, all it says in a log, the end of the log if it fails."""
    log = STAMPS / f"{title.lower().replace(' ', '-')}.log"
    with Progress(title, expect) as progress, log.open("w") as words:
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                words.write(line)
                progress.heard(line)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        failed = process.wait() != 0
        progress.done(well=not failed)
    if failed:
        raise Trouble(
            f"{_what_went_wrong(log)}\n\n{title} failed; the whole story is in {log.relative_to(ROOT)}.", advice
        )


def _what_went_wrong(log: Path, most: int = 8) -> str:
    """The lines of a log that a person would look for: those that say "error", or else the last ones."""
    lines = [line for line in log.read_text().splitlines() if line.strip() not in ("", "npm error")]
    telling = [line for line in lines if re.search(r"\berror\b", line, re.IGNORECASE)][:most] or lines[-most:]
    return "\n".join("  " + line for line in telling)


def _has(pin: str) -> bool:
    name, version = pin.split("==")
    found = _quietly(PYTHON, "-c", f"from importlib.metadata import version; print(version({name!r}))").stdout
    return found.strip().split("+")[0] == version


def _frontend_sources() -> list[Path]:
    skip = {"node_modules", "dist", "tests"}
    return sorted(
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and not skip & set(path.relative_to(FRONTEND).parts) and not path.name.startswith(".")
    )


def _digest(files: list[Path], *more: str) -> str:
    sum_of_all = hashlib.sha256("\0".join(more).encode())
    for path in files:
        sum_of_all.update(str(path).encode() + b"\0" + path.read_bytes())
    return sum_of_all.hexdigest()


def _stamped(name: str, made_from: str) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text() == made_from


def _stamp(name: str, made_from: str) -> None:
    (STAMPS / name).write_text(made_from)


def _quietly(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


def _runs(program: Path) -> bool:
    try:
        return _quietly(program, "-c", "").returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
