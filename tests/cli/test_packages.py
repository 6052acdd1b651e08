"""What a fresh machine installs is what we import: nothing is there by accident."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("models", "web", "workers", "cli")
PINS = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE))


def plain(name: str) -> str:
    """One spelling for one package: PyPI does not tell `Flask_SocketIO` from `flask-socketio`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named_in_pyproject() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    return {plain(re.split(r"[\[<>=;~! ]", entry)[0]) for entries in lists for entry in entries}


def imported() -> dict[str, Path]:
    """Every top-level name that our code imports from elsewhere, with one file that does."""
    found = {}
    files = [path for top in OURS for path in (ROOT / top).rglob("*.py") if "node_modules" not in path.parts]
    for path in [*files, ROOT / "celeryconfig.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            else:
                continue
            found.update((name.split(".")[0], path) for name in names)
    return {name: path for name, path in found.items() if name not in {*OURS, *sys.stdlib_module_names}}


def test_every_import_is_named_and_pinned() -> None:
    providers = metadata.packages_distributions()
    named, pinned = named_in_pyproject(), {plain(name) for name in PINS}
    for name, path in imported().items():
        packages = {plain(each) for each in providers.get(name, [name])}
        assert packages & named, f"{path.relative_to(ROOT)} imports {name}: name its package in pyproject.toml"
        assert packages & pinned, f"{path.relative_to(ROOT)} imports {name}: pin its package in requirements.txt"


def test_everything_named_is_pinned() -> None:
    assert named_in_pyproject() - {plain(name) for name in PINS} == set()


@pytest.mark.parametrize("word", ["file:", "@", "+", "nvidia", ":"])
def test_pins_are_plain_versions_that_any_registry_has(word: str) -> None:
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if word in line] == []
    assert all("==" in line for line in lines)


def test_what_is_installed_is_what_is_pinned() -> None:
    odd = {
        name: metadata.version(name) for name, pinned in PINS.items() if metadata.version(name).split("+")[0] != pinned
    }
    assert odd == {}
