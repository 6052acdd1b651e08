"""Our own pages: the console, the widget's frame and loader, and the hashed files they are made of."""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.utils import safe_join

from models.errors import NotFound
from models.queries import visitors
from web.auth import ANYBODY, who
from web.hooks import page_csp

DIST = Path(__file__).resolve().parent / "static" / "dist"

FOR_EVER = "public, max-age=31536000, immutable"  # hashed names never change
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"  # the loader keeps its name
ASK_AGAIN = "no-cache"

NOT_BUILT = "The front end is not built. `make run` builds it; `make build` builds it alone."


def install(app: Flask) -> None:
    @app.get("/")
    @app.get("/<path:page>")
    @who(ANYBODY)
    def console(page: str = "") -> Response:
        """The console; it reads the path itself. Unknown API paths and files stay unknown."""
        if (
            page.startswith(("api/", "hooks/", "media/", "w/", "assets/", "socket.io"))
            or "." in page.rsplit("/", 1)[-1]
        ):
            return _file("console", page)
        return _html(_read("console/index.html"), "'none'")

    @app.get("/assets/<path:name>")
    @who(ANYBODY)
    def console_asset(name: str) -> Response:
        return _file("console/assets", name, cache_control=FOR_EVER)

    @app.get("/w.js")
    @who(ANYBODY)
    def loader() -> Response:
        response = _file("w", "w.js", cache_control=FOR_A_WHILE)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    @app.get("/w/frame")
    @who(ANYBODY)
    def frame() -> Response:
        """The chat itself, framed by the channel's own sites and by nobody else."""
        try:
            channel = visitors.channel(request.args.get("key", "")[:64])
        except NotFound:
            raise NoSuchPage() from None
        sites = " ".join(["'self'", *channel["allowed_origins"]])
        response = _html(_read("w/frame.html"), sites)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
        return response

    @app.get("/w/<path:name>")
    @who(ANYBODY)
    def widget_asset(name: str) -> Response:
        response = _file("w", name, cache_control=FOR_EVER)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    @app.get("/gallery/")
    @app.get("/gallery/<path:name>")
    @who(ANYBODY)
    def gallery(name: str = "") -> Response:
        """Every component in every state."""
        return _file("gallery", name) if name else _html(_read("gallery/gallery.html"), "'none'")


def _html(body: bytes, frame_ancestors: str) -> Response:
    response = Response(body, mimetype="text/html")
    response.headers["Content-Security-Policy"] = page_csp(frame_ancestors)
    response.headers["Cache-Control"] = ASK_AGAIN
    response.add_etag()
    response.make_conditional(request.environ)
    return response


@cache
def _read_cached(path: Path, _changed: int) -> bytes:
    return path.read_bytes()


def _read(name: str) -> bytes:
    path = DIST / name
    if not path.is_file():
        raise NoSuchPage(NOT_BUILT)
    return _read_cached(path, path.stat().st_mtime_ns)


def _file(folder: str, name: str, *, cache_control: str = ASK_AGAIN) -> Response:
    """A built file, precompressed where the browser takes it."""
    joined = safe_join(str(DIST / folder), name)
    if joined is None or not Path(joined).is_file():
        raise NoSuchPage()
    path = Path(joined)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    encoding = None
    for suffix, coding in ((".br", "br"), (".gz", "gzip")):
        packed = path.with_name(path.name + suffix)
        if request.accept_encodings.quality(coding) > 0 and packed.is_file():
            path, encoding = packed, coding
            break
    response = Response(_read_cached(path, path.stat().st_mtime_ns), mimetype=kind)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = cache_control
    response.add_etag()
    response.make_conditional(request.environ)
    return response
