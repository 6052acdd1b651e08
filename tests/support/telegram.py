"""Telegram's side of the channel: a server that speaks the Bot API and misbehaves as told, and the updates it would send."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.serving import serving

CORRECTIONS = ("deleteMessage", "editMessageText", "editMessageCaption")
TOKEN = "123456:the-token-of-a-bot"
_updates = itertools.count(700_000_001)


@dataclass
class Arrived:
    """One message that the provider took."""

    chat: str
    method: str
    fields: dict[str, Any]
    at: float
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """By the name of its part: what the file is called, and its bytes."""

    @property
    def text(self) -> str:
        return str(self.fields.get("text") or self.fields.get("caption") or "")


@dataclass
class BotApi:
    """`script`: what the next sends do: 200, "200 then reset", "429 2" (seconds), 500, 502, hang, 403, 401."""

    url: str = ""
    script: list[str] = field(default_factory=list)
    arrived: list[Arrived] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    shown: dict[tuple[str, int], str] = field(default_factory=dict)
    """What stands in each chat now, edited and deleted as asked."""
    revoked: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    def texts(self, chat: int | str | None = None) -> list[str]:
        return [each.text for each in self.arrived if chat is None or each.chat == str(chat)]

    def next(self) -> str:
        with self.lock:
            return self.script.pop(0) if self.script else "200"


@contextmanager
def bot_api() -> Iterator[BotApi]:
    """An open Bot API on a free port of this machine."""
    api = BotApi()
    with serving(_handler(api)) as api.url:
        yield api


def _handler(api: BotApi) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one handler with all its verbs
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            content = api.files.get(self.path.rpartition("/")[2])
            self._say(200 if content is not None else 404, content or b"{}")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found = re.fullmatch(r"/bot([^/]+)/(\w+)", self.path)
            assert found is not None, self.path
            token, method = found.groups()
            fields, files = _read(self.headers.get("Content-Type", ""), body)
            with api.lock:
                api.asked.append((method, fields, time.monotonic()))
            if token != TOKEN or api.revoked:
                self._json(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            elif method in CORRECTIONS:
                self._corrected(fields)
            elif method.startswith("send"):
                self._sent(method, fields, files)
            else:
                self._json(200, {"ok": True, "result": self._result(method, fields)})

        def _result(self, method: str, fields: dict[str, Any]) -> Any:
            match method:
                case "getMe":
                    return {"id": 123456, "is_bot": True, "first_name": "Fern", "username": "fern_bot"}
                case "getFile":
                    return {"file_id": fields["file_id"], "file_path": f"documents/{fields['file_id']}"}
            return True

        def _sent(self, method: str, fields: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> None:
            behaviour, _, what = api.next().partition(" ")
            if behaviour == "hang":
                time.sleep(2)
            if behaviour in ("200", "hang"):
                number = next(api.numbers)
                with api.lock:
                    api.arrived.append(Arrived(str(fields["chat_id"]), method, fields, time.monotonic(), files))
                    api.shown[str(fields["chat_id"]), number] = api.arrived[-1].text
                if what == "then reset":
                    self._reset()
                    return
                self._json(200, {"ok": True, "result": {"message_id": number, "chat": {"id": fields["chat_id"]}}})
                return
            self._refused(behaviour, what)

        def _corrected(self, fields: dict[str, Any]) -> None:
            """Edits and deletions: `script` holds for them as well."""
            place = str(fields["chat_id"]), int(fields["message_id"])
            text = fields.get("text", fields.get("caption"))
            behaviour, _, what = api.next().partition(" ")
            if behaviour != "200":
                self._refused(behaviour, what)
            elif place not in api.shown:
                verb = "delete" if text is None else "edit"
                self._refused("400", f"Bad Request: message to {verb} not found")
            elif api.shown[place] == text:
                self._refused("400", "Bad Request: message is not modified: it says the same")
            else:
                api.shown.pop(place)
                if text is not None:
                    api.shown[place] = text
                if what == "then reset":
                    self._reset()
                else:
                    self._json(200, {"ok": True, "result": True})

        def _refused(self, behaviour: str, what: str) -> None:
            said: dict[str, Any] = {"ok": False, "error_code": int(behaviour), "description": what or "no"}
            if behaviour == "429":
                said["parameters"] = {"retry_after": float(what)}
            if behaviour == "403":
                said["description"] = "Forbidden: bot was blocked by the user"
            self._json(int(behaviour), said)

        def _reset(self) -> None:
            """Close with RST, so that the caller sees a broken line and not an end."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

        def _json(self, status: int, said: Any) -> None:
            self._say(status, json.dumps(said).encode())

        def _say(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass

    return Handler


def _read(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    """Fields and files of a request. In a form, whatever is not plain text is JSON, as the Bot API has it."""
    if kind.startswith("application/json"):
        return json.loads(body), {}
    fields: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    if kind.startswith("multipart/"):
        for part in BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).iter_parts():  # type: ignore[attr-defined]
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True)
            assert "filename*" not in part["content-disposition"], "which the Bot API does not read"
            if (called := part.get_filename()) is not None:
                files[name] = (called, content)
            else:
                said = content.decode()
                fields[name] = json.loads(said) if said.startswith(("{", "[")) else said
    return fields, files


# --- what it would send -----------------------------------------------------------------------------------


SECRET = "X-Telegram-Bot-Api-Secret-Token"


def word(public_key: str, token: str = TOKEN) -> str:
    return hmac.new(token.encode(), f"webhook {public_key}".encode(), hashlib.sha256).hexdigest()


def sender(chat: int = 555, name: str = "Ben") -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": name, "username": name.lower(), "language_code": "en"}


def update(
    message_id: int = 1, *, chat: int = 555, name: str = "Ben", kind: str = "message", **said: Any
) -> dict[str, Any]:
    """An update with the next number, as Telegram numbers them. `said`: text, photo, document …"""
    return {
        "update_id": next(_updates),
        kind: {
            "message_id": message_id,
            "from": sender(chat, name),
            "chat": {"id": chat, "type": "private", "first_name": name},
            "date": 1_790_000_000,
            **said,
        },
    }


def photo(file_id: str, size: int = 1000) -> list[dict[str, Any]]:
    return [
        {"file_id": f"{file_id}-small", "width": 90, "height": 60, "file_size": 100},
        {"file_id": file_id, "width": 900, "height": 600, "file_size": size},
    ]
