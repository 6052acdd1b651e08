"""The desk's own source, as the laws read it: a law is a function from one source to what is wrong with it.

A planted text is a source like any other, so every law can show that it is able to fail.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("models", "web", "workers", "cli")
FRONTEND = "web/frontend"
NOT_OURS = {"node_modules", "dist", "static"}

Law = Callable[["Source"], Iterable[str]]


@dataclass(frozen=True)
class Source:
    """One file: its path inside the project, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def at(self, node: ast.expr | ast.stmt, what: str) -> str:
        return f"{self.path}:{node.lineno} {what}"

    def imports(self) -> Iterator[tuple[str, ast.stmt]]:
        """Every module this one imports, inside functions too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((name.name, node) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module, node
                yield from ((f"{node.module}.{name.name}", node) for name in node.names)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def texts(self) -> Iterator[ast.Constant]:
        """String constants that are not docstrings, the fixed parts of f-strings among them."""
        docs = {
            id(node.body[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                yield node


def python(*folders: str) -> Iterator[Source]:
    """Every Python file of these folders; of all of the desk when none is named."""
    return _read(folders or PYTHON, ("*.py",))


def frontend() -> Iterator[Source]:
    """Every file of ours that a browser gets to see, the templates of the server included."""
    yield from _read((FRONTEND,), ("*.ts", "*.js", "*.svelte", "*.html"))
    yield from _read(("web/templates", "cli/demo_shop"), ("*.html", "*.js"))


def broken(law: Law, sources: Iterable[Source]) -> list[str]:
    """Every place where these sources break the law."""
    return [finding for source in sources for finding in law(source)]


def _read(folders: Iterable[str], patterns: Iterable[str]) -> Iterator[Source]:
    for folder in folders:
        for pattern in patterns:
            for path in sorted((ROOT / folder).rglob(pattern)):
                inside = path.relative_to(ROOT)
                if NOT_OURS.isdisjoint(inside.parts):
                    yield Source(inside.as_posix(), path.read_text())
