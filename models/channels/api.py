"""The API channel: any other system, a bot included, writes and is written to by signed messages.

Both ways are Standard Webhooks (`rules/signing.py`) under one secret. What comes in is known by its `webhook-id`, however
often it comes; what goes out keeps its id at every attempt, so sending it again is harmless. docs/channels/api.md
"""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from marshmallow import ValidationError

from models import outbound
from models.channels.base import WHOLE_S, Channel
from models.channels.incoming import (
    Edited,
    Event,
    Failed,
    Fetched,
    Incoming,
    Media,
    Person,
    Receipt,
    Unreadable,
    Update,
    Written,
)
from models.channels.outgoing import Checked, File, Handed, Parcel
from models.channels.profile import MIB, Account, Capabilities, Field, Form
from models.errors import Invalid
from models.outbound import Answer, Unanswered
from models.rules import signing
from models.schemas.base import MESSAGE_LIMIT
from models.schemas.channel_api import KINDS, ApiEnvelope

ANSWER_MOST = 64 * 1024  # bytes of an answer that are read
FETCH_S = 20.0


class Api(Channel):
    kind = "api"
    can = Capabilities(
        longest=MESSAGE_LIMIT,
        idempotent=True,
        media={"image": 5 * MIB, "audio": 5 * MIB, "video": 5 * MIB, "document": 5 * MIB},
        caption=MESSAGE_LIMIT,
        buttons=10,
        button_longest=80,
        receipts="read",
        formats=True,  # as they were typed: what becomes of them is the other system's affair
        edits=True,
        deletes=True,
        quotes=True,
        per_second=20.0,
        burst=20,
        body_most=MIB // 4,
    )
    form = Form(
        "API",
        "Any other system, a bot included, writes and is written to by signed messages.",
        (
            Field(
                "url",
                "Address of the other system",
                help="Where the desk's messages go: public, and with https://.",
                most=2000,
            ),
            Field(
                "secret",
                "Signing secret",
                "secret",
                help="Both sides sign with it. Make one with: echo whsec_$(openssl rand -base64 32)",
            ),
        ),
        docs="api",
    )

    # --- in ---

    def verify(self, account: Account, incoming: Incoming) -> bool:
        try:
            signing.verify(account.secrets.get("secret", ""), incoming.headers, incoming.body, now=time.time())
        except (signing.Unsigned, ValueError):
            return False
        return True

    def split(self, account: Account, incoming: Incoming) -> Sequence[Update]:
        _, data = _loaded(incoming.body)
        return [Update(incoming.headers["webhook-id"], data["by"]["id"], incoming.body)]

    def read(self, account: Account, raw: bytes) -> Sequence[Event]:
        kind, data = _loaded(raw)
        return [_event(kind, data)]

    def fetch(self, account: Account, media: Media, raw: bytes, into: Path, most: int) -> Fetched:
        try:
            got = outbound.ask("GET", outbound.target(media.ref), most=most, whole_s=FETCH_S)
        except Invalid as refusal:
            return Fetched("gone", refusal.sentence)
        except Unanswered as fault:
            if fault.reason == "forbidden_address":
                return Fetched("gone", "its address is not public.")
            return Fetched("later", fault.reason)
        if got.status >= 500 or got.status == 429:
            return Fetched("later", f"Its server said {got.status}")
        if got.status != 200:
            return Fetched("gone", f"its server said {got.status}.")
        if not got.whole:
            return Fetched("too_large")
        into.write_bytes(got.body)
        return Fetched("got")

    # --- out ---

    def send(self, account: Account, parcel: Parcel) -> Handed:
        said = {
            "to": parcel.to,
            "text": parcel.body,
            "author": parcel.author,
            "automatic": parcel.automatic,
            "chat_id": parcel.chat_id,
            "broadcast_id": parcel.broadcast_id,
            "buttons": list(parcel.buttons),
            "reply_to": parcel.reply_to,
            "file": _enclosed(parcel.file) if parcel.file else None,
        }
        return _handed_over(account, "message", parcel, said)

    def amend(self, account: Account, parcel: Parcel) -> Handed:
        said = {"to": parcel.to, "id": parcel.target, "text": parcel.body, "chat_id": parcel.chat_id}
        return _handed_over(account, "message_edited", parcel, said)

    def withdraw(self, account: Account, parcel: Parcel) -> Handed:
        said = {"to": parcel.to, "id": parcel.target, "chat_id": parcel.chat_id}
        return _handed_over(account, "message_deleted", parcel, said)

    # --- how it is ---

    def connect(self, account: Account, address: str) -> Checked:
        try:
            answer = _tell(account, "test", f"test-{account.id}-{time.time_ns()}", {"address": address})
        except Unanswered as fault:
            return Checked(False, f"The other system did not answer: {fault.reason}.")
        except Invalid as refusal:
            return Checked(False, refusal.sentence, "unauthorized")
        except ValueError as fault:
            return Checked(False, str(fault), "unauthorized")
        if 200 <= answer.status < 300:
            return Checked(True, notes={"webhook": True})
        return Checked(False, f"The other system said {answer.status}.")

    def disconnect(self, account: Account) -> None:
        """Nothing was set up over there."""


def _tell(account: Account, kind: str, message_id: str, data: dict[str, Any]) -> Answer:
    """Raises `Unanswered`, `Invalid` for an address that may not be asked, `ValueError` for a secret that is none."""
    now = int(time.time())
    body = orjson.dumps({"type": kind, "timestamp": now, "data": data})
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Parley-Channel/1",
        **signing.sign(account.secrets.get("secret", ""), message_id, now, body),
    }
    where = outbound.target(str(account.settings.get("url", "")))
    return outbound.ask("POST", where, body=body, headers=headers, most=ANSWER_MOST, whole_s=WHOLE_S / 2)


def _handed_over(account: Account, kind: str, parcel: Parcel, said: dict[str, Any]) -> Handed:
    try:
        return _handed(_tell(account, kind, parcel.key, said), parcel.key if parcel.does == "send" else None)
    except Unanswered as fault:  # under the same id the other side knows it again: no outcome is unknown here
        return Handed("later", fault.reason)
    except (Invalid, ValueError) as fault:
        return Handed("refused", str(fault)[:300], code="unauthorized")


def _handed(answer: Answer, key: str | None) -> Handed:
    status = answer.status
    if 200 <= status < 300:
        return Handed("sent", provider_id=key)
    reason = f"The other system said {status}"
    if status == 429 or status >= 500:
        said = next((value for name, value in answer.headers.items() if name.lower() == "retry-after"), "")
        return Handed("later", reason, retry_after_s=float(said) if said.isascii() and said.isdigit() else None)
    if status in (401, 403):
        return Handed("refused", reason, code="unauthorized")
    return Handed("refused", reason, code="unreachable" if status == 410 else "unsupported")


def _enclosed(file: File) -> dict[str, str]:
    return {
        "name": file.name,
        "content_type": file.content_type,
        "base64": base64.b64encode(file.content).decode(),
    }


def _loaded(raw: bytes) -> tuple[str, dict[str, Any]]:
    """The kind of what was said, and its data by the schema of that kind."""
    try:
        envelope = ApiEnvelope().load(orjson.loads(raw))
        data: dict[str, Any] = KINDS[envelope["type"]]().load(envelope["data"])
    except (orjson.JSONDecodeError, ValidationError, TypeError) as fault:
        raise Unreadable(str(fault)[:300]) from fault
    return envelope["type"], data


def _event(kind: str, data: dict[str, Any]) -> Event:
    by = Person(**{key if key != "id" else "external_id": value for key, value in data["by"].items()})
    if kind == "message":
        media = [Media(each["url"], each["name"], size=each.get("size")) for each in data["files"]]
        return Written(by, data["id"], text=data["text"], media=media, quotes=data["reply_to"])
    if kind == "message_edited":
        return Edited(by, data["id"], data["text"])
    if kind == "failed_response":
        return Failed(by, data["id"], data["question"], data["reason"], data["candidates"])
    return Receipt(data["id"], "read" if kind == "read" else "delivered")
