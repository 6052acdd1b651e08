"""WhatsApp's side of the channel: a server that speaks the Cloud API and misbehaves as told, and the calls it would make."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.serving import serving

TOKEN, APP_SECRET, WORD, NUMBER, BUSINESS = (
    "EAAG-a-token-of-meta",
    "an-app-secret-of-ours",
    "open-sesame-42",
    "1055",
    "2066",
)
FILLED = {
    "phone_number_id": NUMBER,
    "business_id": BUSINESS,
    "token": TOKEN,
    "app_secret": APP_SECRET,
    "verify_token": WORD,
}
_names = itertools.count(1)


@dataclass
class Graph:
    """`script`: what the next messages meet: 200, or an error's number such as 130429."""

    url: str = ""
    script: list[int] = field(default_factory=list)
    arrived: list[tuple[dict[str, Any], float]] = field(default_factory=list)
    asked: list[tuple[str, float]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    templates: list[dict[str, Any]] = field(default_factory=lambda: [hello_again()])
    page: int = 100

    def said(self) -> list[Any]:
        return [each[each["type"]] for each, _ in self.arrived]


@contextmanager
def graph() -> Iterator[Graph]:
    """An open Cloud API on a free port of this machine."""
    made = Graph()
    with serving(_handler(made)) as made.url:
        yield made


def _handler(made: Graph) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one handler with all its verbs
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            what = self.path.split("?")[0].strip("/")
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._say(401, {"error": {"code": 190, "message": "Invalid OAuth access token"}})
            elif what == NUMBER:
                self._say(
                    200, {"display_phone_number": "+49 30 1", "verified_name": "Fernhill", "quality_rating": "GREEN"}
                )
            elif what.endswith("message_templates"):
                self._listed(int(parse_qs(urlsplit(self.path).query).get("after", ["0"])[0]))
            elif what.startswith("file-"):
                self._raw(200, made.files[what[5:]])
            elif what in made.files:
                self._say(200, {"url": f"{made.url}/file-{what}", "file_size": len(made.files[what])})
            else:
                self._say(404, {"error": {"code": 100, "message": "no such thing"}})

        def _listed(self, after: int) -> None:
            until = after + made.page
            paging: dict[str, Any] = {"cursors": {"after": str(until)}}
            if until < len(made.templates):
                paging["next"] = f"{made.url}/next"
            self._say(200, {"data": made.templates[after:until], "paging": paging})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            made.asked.append((self.path, time.monotonic()))
            if self.path.endswith("/media"):
                self._say(200, {"id": "media-1"})
                return
            number = made.script.pop(0) if made.script else 200
            if number != 200:
                self._say(400, {"error": {"code": number, "message": f"error {number}"}})
                return
            made.arrived.append((json.loads(body), time.monotonic()))
            self._say(200, {"messages": [{"id": f"wamid.out{len(made.arrived)}"}]})

        def _say(self, status: int, said: Any) -> None:
            self._raw(status, json.dumps(said).encode())

        def _raw(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def template(name: str, *components: dict[str, Any], language: str = "en", **more: Any) -> dict[str, Any]:
    """A template as Meta lists it."""
    said = {"name": name, "language": language, "status": "APPROVED", "category": "UTILITY"}
    return {**said, "components": list(components), **more}


def hello_again() -> dict[str, Any]:
    text = "Hello {{1}}, about your order {{2}}: may we write to you?"
    return template("hello_again", {"type": "BODY", "text": text, "example": {"body_text": [["Ana", "4711"]]}})


def call(*, messages: list[dict[str, Any]] | None = None, statuses: list[dict[str, Any]] | None = None) -> bytes:
    """The body of a call of Meta's about what customers wrote, and what became of our words."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": NUMBER},
        "contacts": [{"wa_id": "4915", "profile": {"name": "Ben"}}],
    }
    value |= {"messages": messages} if messages else {}
    value |= {"statuses": statuses} if statuses else {}
    return news(("messages", value))


def news(*changes: tuple[str, dict[str, Any]], business: str = BUSINESS, at: int = 1_790_000_000) -> bytes:
    """The body of a call about a business: each change with the field it is about."""
    said = [{"field": name, "value": value} for name, value in changes]
    entry = [{"id": business, "time": at, "changes": said}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def judgement(event: str, name: str = "hello_again", language: str = "en", **more: Any) -> tuple[str, dict[str, Any]]:
    """What Meta tells when it thinks otherwise of a template."""
    said = {
        "event": event,
        "message_template_id": 1_689_556_908_129_832,
        "message_template_name": name,
        "message_template_language": language,
        "reason": "NONE",
        "message_template_category": "UTILITY",
    }
    return "message_template_status_update", {**said, **more}


def message(kind: str = "text", said: Any = None, **more: Any) -> dict[str, Any]:
    number = next(_names)
    content = {"body": said} if kind == "text" else said
    return {
        "from": "4915",
        "id": f"wamid.in{number}",
        "timestamp": str(1_790_000_000 + number),
        "type": kind,
        kind: content,
        **more,
    }


def status(message_id: str, state: str, **more: Any) -> dict[str, Any]:
    return {"id": message_id, "status": state, "timestamp": "1790000100", "recipient_id": "4915", **more}


def signature(body: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
