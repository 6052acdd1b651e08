"""The demo shop: the little website that the widget is shown on. Serves the pages in cli/demo_shop and nothing else."""

from __future__ import annotations

import argparse
import html
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PAGES = Path(__file__).resolve().parent / "demo_shop"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
}


class Shelf:
    """Every file the shop has, read once at start. A path that is not a key does not exist: there is no folder to leave."""

    def __init__(self, folder: Path, words: dict[str, str]) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        for path in folder.rglob("*"):
            if path.suffix in TYPES and path.is_file():
                body = path.read_bytes()
                if path.suffix == ".html":
                    body = _filled(body.decode(), words).encode()
                self._files["/" + path.relative_to(folder).as_posix()] = (TYPES[path.suffix], body)

    def find(self, target: str) -> tuple[str, bytes] | None:
        path = unquote(urlsplit(target).path)
        return self._files.get(path + "index.html" if path.endswith("/") else path)


def serve(port: int, host: str, words: dict[str, str]) -> ThreadingHTTPServer:
    """A server over the shop, listening but not yet serving."""
    shelf = Shelf(PAGES, words)

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "parley-demo-shop", ""

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            found = shelf.find(self.path)
            kind, body = found or ("text/plain; charset=utf-8", b"There is no such page in this shop.\n")
            self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-cache")  # the key in the page may be another tomorrow
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """A demo shop keeps no books."""

    ThreadingHTTPServer.daemon_threads = True
    return ThreadingHTTPServer((host, port), Handler)


def _filled(page: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        page = page.replace("{{" + name + "}}", html.escape(value, quote=True))
    return page


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cli.shop", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--widget-url", required=True, help="the address of the loader script")
    parser.add_argument("--site-key", required=True, help="the public key of the web channel")
    asked = parser.parse_args()
    words = {"WIDGET_URL": asked.widget_url, "SITE_KEY": asked.site_key}
    with serve(asked.port, asked.host, words) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
