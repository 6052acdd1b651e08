"""Files by their signed links. Whoever has the link may see the file until it expires; a wrong one is no file at all."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

from models.actions.uploads import THUMB_TYPE
from models.errors import NotFound
from models.media import links
from models.media.storage import storage
from models.queries import media
from models.rules.media import MOST_BYTES
from web.auth import ANYBODY, who

# Opened in a tab of its own, a file runs nothing, loads nothing and belongs to no site.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
SHOWN = frozenset({"image", "audio", "video"})  # the rest is only ever saved


def install(app: Flask) -> None:
    @app.get("/media/<token>/<variant>/<expiry>/<signature>/<name>")
    @who(ANYBODY)
    def media_file(token: str, variant: str, expiry: str, signature: str, name: str) -> Response:
        """A file or its thumbnail, whole or the part of it that a player asks for."""
        seconds = links.seconds_left(token, variant, expiry, signature)
        if not seconds:
            raise NotFound()
        found = media.by_token(token)
        if name != found["name"]:
            raise NotFound()
        tag = f"{token}-{variant}"
        if request.if_none_match.contains(tag):
            response = Response(status=304)
        elif variant == links.THUMB:
            response = _thumb(found)
        else:
            response = _file(found, tag)
        response.set_etag(tag)
        response.headers["Cache-Control"] = f"private, max-age={seconds}, immutable"
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Content-Disposition"] = disposition(found["kind"], found["name"])
        return response


def _thumb(found: dict[str, Any]) -> Response:
    if found["thumb_key"] is None:
        raise NotFound()
    return Response(b"".join(storage().read(found["thumb_key"], 0, MOST_BYTES)), content_type=THUMB_TYPE)


def _file(found: dict[str, Any], tag: str) -> Response:
    size: int = found["size"]
    start, end = 0, size
    part = _asked_part(size, tag)
    if part is not None:
        start, end = part
        if start >= end:
            response = Response(status=416, content_type=found["content_type"])
            response.headers["Content-Range"] = f"bytes */{size}"
            return response
    response = Response(storage().read(found["storage_key"], start, end - start), content_type=found["content_type"])
    response.content_length = end - start
    response.headers["Accept-Ranges"] = "bytes"
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _asked_part(size: int, tag: str) -> tuple[int, int] | None:
    """First byte and the one behind the last; None for the whole file, (0, 0) when there is no such part.

    Several parts at once, and a part of another file than the client has begun with, get the whole.
    """
    asked, only_if = request.range, request.if_range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if (only_if.etag or only_if.date) and only_if.etag != tag:
        return None
    return asked.range_for_length(size) or (0, 0)


def disposition(kind: str, name: str) -> str:
    """How a browser should treat the file, and what it is called: for old ones in ASCII, for all others as it is."""
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\%' else "_" for each in name)
    return (
        f"{'inline' if kind in SHOWN else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
