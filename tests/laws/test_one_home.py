"""Law 4: what may have to be replaced one day is named in one file alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.sources import Source, broken, frontend, python

# Library, the one file that may import it.
HOMES = {
    "eventlet": "web/asyncmode.py",
    "gevent": "web/asyncmode.py",
    "geventwebsocket": "web/asyncmode.py",
    "psycogreen": "web/asyncmode.py",
    "sentence_transformers": "workers/embedding.py",
}
SOCKET_CLIENT, ITS_HOME = "socket.io-client", "web/frontend/shared/live.ts"
IMPORTED = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")


def strays(source: Source) -> Iterator[str]:
    for name, node in source.imports():
        library = name.split(".")[0]
        if library in HOMES and source.path != HOMES[library]:
            yield source.at(node, f"imports {library}, whose home is {HOMES[library]}")


def speaks_socket(source: Source) -> Iterator[str]:
    if source.path != ITS_HOME and SOCKET_CLIENT in IMPORTED.findall(source.text):
        yield f"{source.path} imports {SOCKET_CLIENT}, whose home is {ITS_HOME}"


def test_each_library_is_imported_at_home_alone() -> None:
    found = broken(strays, python())
    assert not found, f"Leaving eventlet must stay one setting, and another model one file: {found}"
    homes = {source.path: source for source in python()}
    for library, home in HOMES.items():
        assert any(name.split(".")[0] == library for name, _ in homes[home].imports()), f"{home} has lost {library}"


def test_the_socket_client_is_imported_at_home_alone() -> None:
    shipped = [source for source in frontend() if "/tests/" not in source.path]
    found = broken(speaks_socket, shipped)
    assert not found, f"One place knows reconnects, acks and gaps; a second would know them otherwise: {found}"
    assert any(source.path == ITS_HOME and SOCKET_CLIENT in IMPORTED.findall(source.text) for source in shipped)


@pytest.mark.parametrize("planted", ["import eventlet.wsgi", "def f():\n    from gevent import sleep"])
def test_a_stray_import_is_seen(planted: str) -> None:
    assert list(strays(Source("web/planted.py", planted)))


@pytest.mark.parametrize("planted", ["import { io } from 'socket.io-client'", 'await import("socket.io-client")'])
def test_a_stray_socket_is_seen(planted: str) -> None:
    assert list(speaks_socket(Source("web/frontend/apps/planted.ts", planted)))
