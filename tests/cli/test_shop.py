"""The demo shop serves its own pages, filled in, and nothing else of this machine."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator

import pytest

from cli import shop

WORDS = {"WIDGET_URL": "http://desk.example/w.js?a=1&b=2", "SITE_KEY": 'k"ey'}


@pytest.fixture(scope="module")
def served() -> Iterator[int]:
    with shop.serve(0, "127.0.0.1", WORDS) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def get(port: int, target: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """As sent: a client library would tidy `..` away before it leaves."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    line.putrequest(method, target, skip_accept_encoding=True)
    line.endheaders()
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def test_the_first_page_carries_the_widget(served: int) -> None:
    status, headers, body = get(served, "/")
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert b'src="http://desk.example/w.js?a=1&amp;b=2" data-key="k&quot;ey"' in body
    assert b"{{" not in body


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/shop.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/care.html?from=mail", "text/html; charset=utf-8"),
    ],
)
def test_files_come_with_their_kind(served: int, target: str, kind: str) -> None:
    status, headers, body = get(served, target)
    assert (status, headers["content-type"], headers["x-content-type-options"]) == (200, kind, "nosniff")
    assert int(headers["content-length"]) == len(body) > 0


@pytest.mark.parametrize(
    "target",
    [
        "/../shop.py",
        "/%2e%2e/shop.py",
        "/..%2fshop.py",
        "//etc/passwd",
        "/....//shop.py",
        "/shop.css/..",
        "/nothing",
        "/\\..\\shop.py",
    ],
)
def test_there_is_no_way_out_of_the_shop(served: int, target: str) -> None:
    status, _, body = get(served, target)
    assert status == 404
    assert b"import" not in body


def test_head_says_the_same_without_the_page(served: int) -> None:
    status, headers, body = get(served, "/", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 100


def test_nothing_but_reading_is_offered(served: int) -> None:
    assert get(served, "/", "POST")[0] == 501
