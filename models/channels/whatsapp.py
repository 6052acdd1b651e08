"""WhatsApp: Meta's Cloud API. A call of theirs is signed over its raw body; what it holds is taken apart into updates,
one for each message and each receipt, so that each is kept and done once.

A business may write freely for 24 hours after a customer's last words; after that only an approved template goes.
https://developers.facebook.com/docs/whatsapp/cloud-api
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from models.channels import http, whatsapp_templates
from models.channels.base import Channel
from models.channels.http import LOST_ANSWER, Answer
from models.channels.incoming import (
    Event,
    Fetched,
    Ignored,
    Incoming,
    Media,
    Person,
    Receipt,
    Unreadable,
    Update,
    Written,
)
from models.channels.outgoing import Checked, Code, Handed, Parcel
from models.channels.profile import MIB, Account, Capabilities, Field, Form
from models.rules import spoken
from models.settings import settings

Json = Mapping[str, Any]

SIGNATURE = "x-hub-signature-256"
GRAPH_HOSTS = (".fbcdn.net", ".whatsapp.net", ".facebook.com")
"""Where files lie. An address elsewhere is not asked, for our token would go with the question."""

THROTTLED = (4, 80007, 130429)
PAIR_THROTTLED = 131056
PAIR_WAIT_S = 6.0
WAIT_S = 5.0
UNAUTHORIZED = (0, 190)
UNREACHABLE = (131026, 131021)
WINDOW = (131047,)
TEMPLATES = (132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069)
TEMPLATES_CHANGED = ("message_template_status_update", "message_template_components_update", "template_category_update")
TEMPLATE_PAGE, TEMPLATE_PAGES = 100, 20
"""A business has at most some thousands; whoever has more sees the first."""
SENT_AS = {"image": "image", "audio": "audio", "video": "video", "document": "document"}
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
    "text/plain": "txt",
}
_SHOWN = ("image/jpeg", "image/png", "audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4")
"""Anything else goes as a document: WhatsApp would refuse it as a picture or a recording."""


class WhatsApp(Channel):
    kind = "whatsapp"
    can = Capabilities(
        longest=4096,
        idempotent=False,
        media={"image": 5 * MIB, "audio": 5 * MIB, "video": 5 * MIB, "document": 5 * MIB},
        caption=0,
        buttons=3,
        button_longest=20,
        window_h=24,
        templates=True,
        receipts="read",
        quotes=True,
        per_second=70.0,  # 80 a number by default
        burst=20,
    )
    form = Form(
        "WhatsApp",
        "Customers write to your number in WhatsApp, by Meta’s Cloud API.",
        (
            Field("phone_number_id", "Phone number ID", help="In Meta’s app dashboard under WhatsApp, API Setup."),
            Field("business_id", "Business account ID", required=False, help="To know your approved templates."),
            Field(
                "token",
                "Access token",
                "secret",
                help="A permanent one, of a system user with whatsapp_business_messaging.",
            ),
            Field("app_secret", "App secret", "secret", help="Under App settings, Basic. It signs what Meta sends us."),
            Field(
                "verify_token", "Verify token", "secret", help="Any long word of yours: type the same into Meta’s form."
            ),
        ),
        docs="whatsapp",
    )

    # --- in ---

    def greet(self, account: Account, incoming: Incoming) -> str | None:
        said = incoming.query.get("hub.verify_token", "")
        right = account.secrets.get("verify_token", "")
        if incoming.query.get("hub.mode") != "subscribe" or not right:
            return None
        return incoming.query.get("hub.challenge", "") if hmac.compare_digest(said.encode(), right.encode()) else None

    def verify(self, account: Account, incoming: Incoming) -> bool:
        secret = account.secrets.get("app_secret", "")
        right = "sha256=" + hmac.new(secret.encode(), incoming.body, hashlib.sha256).hexdigest()
        return bool(secret) and hmac.compare_digest(incoming.headers.get(SIGNATURE, "").encode(), right.encode())

    def split(self, account: Account, incoming: Incoming) -> Sequence[Update]:
        try:
            return list(_updates(orjson.loads(incoming.body), account))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as fault:
            raise Unreadable(type(fault).__name__) from fault

    def read(self, account: Account, raw: bytes) -> Sequence[Event]:
        try:
            found = orjson.loads(raw)
            if "status" in found:
                return [_receipt(found["status"])]
            if "template" in found:
                return [whatsapp_templates.judged(found["template"])]
            return [_message(found["message"], found.get("name", ""))]
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as fault:
            raise Unreadable(f"{type(fault).__name__} in an update") from fault

    def fetch(self, account: Account, media: Media, raw: bytes, into: Path, most: int) -> Fetched:
        where = _ask(account, "GET", media.ref)
        if where.how != "answered" or where.status >= 500 or where.status == 429:
            return Fetched("later", where.reason or f"WhatsApp said {where.status}")
        said = where.json()
        if where.status != 200 or "url" not in said:
            return Fetched("gone", _words(where))
        if int(said.get("file_size") or 0) > most:
            return Fetched("too_large")
        if not _is_theirs(str(said["url"])):
            return Fetched("gone", "It lies where WhatsApp keeps no files.")
        got = http.ask("GET", said["url"], headers=_bearer(account), most=most, into=into)
        return http.fetched(got, "WhatsApp")

    # --- out ---

    def send(self, account: Account, parcel: Parcel) -> Handed:
        said: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": parcel.to}
        if parcel.reply_to:
            said["context"] = {"message_id": parcel.reply_to}
        if parcel.template is not None:
            said |= whatsapp_templates.sent(parcel.template)
        elif parcel.file is not None:
            kept = self._upload(account, parcel)
            if isinstance(kept, Handed):
                return kept
            said |= kept
        elif parcel.buttons:
            replies = [
                {"type": "reply", "reply": {"id": str(place), "title": each[: self.can.button_longest]}}
                for place, each in enumerate(parcel.buttons)
            ]
            said |= {
                "type": "interactive",
                "interactive": {"type": "button", "body": {"text": parcel.body}, "action": {"buttons": replies}},
            }
        else:
            said |= {"type": "text", "text": {"body": parcel.body, "preview_url": False}}
        return _handed(_ask(account, "POST", f"{account.settings['phone_number_id']}/messages", json=said))

    def _upload(self, account: Account, parcel: Parcel) -> Handed | dict[str, Any]:
        """A file is left with WhatsApp first. Nothing has reached the customer by then, so trouble here is only `later`."""
        file = parcel.file
        assert file is not None
        kept = _ask(
            account,
            "POST",
            f"{account.settings['phone_number_id']}/media",
            data={"messaging_product": "whatsapp", "type": file.content_type},
            files={"file": (file.name, file.content, file.content_type)},
        )
        if kept.how != "answered" or kept.status >= 500:
            return Handed("later", kept.reason or f"WhatsApp said {kept.status}")
        if kept.status != 200 or "id" not in kept.json():
            return _handed(kept)
        kind = SENT_AS[file.kind] if file.content_type in _SHOWN else "document"
        shown: dict[str, Any] = {"id": kept.json()["id"]}
        if kind == "document":
            shown["filename"] = file.name
        return {"type": kind, kind: shown}

    # --- how it is ---

    def connect(self, account: Account, address: str) -> Checked:
        number = account.settings.get("phone_number_id")
        me = _ask(account, "GET", f"{number}", params={"fields": "display_phone_number,verified_name,quality_rating"})
        if me.how != "answered":
            return Checked(False, me.reason)
        if me.status != 200:
            return Checked(False, _words(me), "unauthorized" if _code(me) == "unauthorized" else "")
        said = me.json()
        notes = {
            "number": said.get("display_phone_number", ""),
            "name": said.get("verified_name", ""),
            "quality": said.get("quality_rating", ""),
        }
        return Checked(True, notes={**notes, **_templates(account)})


def _bearer(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.secrets.get('token', '')}"}


def _ask(account: Account, method: str, path: str, **more: Any) -> Answer:
    return http.ask(method, f"{settings().whatsapp_api}/{path}", headers=_bearer(account), **more)


def _is_theirs(url: str) -> bool:
    parts, here = urlsplit(url), urlsplit(settings().whatsapp_api)
    if parts.netloc == here.netloc:
        return True
    return parts.scheme == "https" and f".{parts.hostname or ''}".endswith(GRAPH_HOSTS)


def _templates(account: Account) -> dict[str, Any]:
    """Notes of every template there is. Nothing new is noted where the business is not named, or Meta does not say."""
    business = account.settings.get("business_id")
    if not business:
        return {"templates": [], "templates_fault": "The business account ID is missing in the channel’s settings."}
    listed: list[Json] = []
    asked = {"limit": str(TEMPLATE_PAGE), "fields": whatsapp_templates.FIELDS}
    for _ in range(TEMPLATE_PAGES):
        found = _ask(account, "GET", f"{business}/message_templates", params=asked)
        if found.how != "answered" or found.status != 200:
            return {"templates_fault": found.reason or _words(found)}
        said = found.json()
        listed += said.get("data", [])
        after = said.get("paging", {}).get("cursors", {}).get("after")
        if not said.get("paging", {}).get("next") or not after:
            break
        asked = {**asked, "after": after}
    try:
        return {"templates": whatsapp_templates.read(listed), "templates_fault": ""}
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        return {"templates_fault": f"WhatsApp’s list could not be read ({type(fault).__name__})."}


def _error(answer: Answer) -> Json:
    found = answer.json().get("error", {})
    return found if isinstance(found, dict) else {}


def _words(answer: Answer) -> str:
    error = _error(answer)
    more = error.get("error_data", {}).get("details") if isinstance(error.get("error_data"), dict) else None
    return str(more or error.get("message") or f"WhatsApp said {answer.status}")[:300]


def _code(answer: Answer) -> Code:
    number = error_number(_error(answer))
    if answer.status == 401 or number in UNAUTHORIZED:
        return "unauthorized"
    return meaning(number)


def error_number(error: Json) -> int:
    return int(error.get("code") or -1)


def meaning(number: int) -> Code:
    """What a refusal by this number means for the desk."""
    if number in WINDOW:
        return "window_closed"
    if number in UNREACHABLE:
        return "unreachable"
    return "template" if number in TEMPLATES else "unsupported"


def _handed(answer: Answer) -> Handed:
    if answer.how != "answered":
        return Handed(answer.how, answer.reason)
    said = answer.json()
    if answer.status == 200 and said.get("messages"):
        return Handed("sent", provider_id=str(said["messages"][0]["id"]))
    number = error_number(_error(answer))
    if number == PAIR_THROTTLED:
        return Handed("later", _words(answer), retry_after_s=answer.retry_after_s or PAIR_WAIT_S, holds="person")
    if number in THROTTLED or answer.status == 429:
        return Handed("later", _words(answer), retry_after_s=answer.retry_after_s or WAIT_S)
    if answer.status in LOST_ANSWER or answer.status == 200:
        return Handed("unknown", _words(answer))
    if answer.status >= 500:
        return Handed("later", _words(answer))
    return Handed("refused", _words(answer), code=_code(answer))


# --- reading ----------------------------------------------------------------------------------------------


def _updates(call: Json, account: Account) -> Iterator[Update]:
    """One for each message, receipt and judgement of a template in a call. Those for other numbers of the same app are
    not ours, and of whatever else Meta tells a business the desk makes nothing."""
    if call.get("object") != "whatsapp_business_account":
        raise ValueError
    for entry in call["entry"]:
        for change in entry["changes"]:
            field = str(change.get("field"))
            if field == "messages":
                yield from _said_to(str(account.settings.get("phone_number_id")), change["value"])
            elif field in TEMPLATES_CHANGED and str(entry.get("id")) == account.settings.get("business_id"):
                yield _judged(change["value"], field, int(entry.get("time", 0)))


def _said_to(number: str, value: Json) -> Iterator[Update]:
    if str(value["metadata"]["phone_number_id"]) != number:
        return
    names = {each["wa_id"]: each.get("profile", {}).get("name", "") for each in value.get("contacts", ())}
    for message in value.get("messages", ()):
        kept = {"message": message, "name": names.get(message["from"], "")}
        yield Update(message["id"], message["from"], orjson.dumps(kept), place=int(message["timestamp"]))
    for status in value.get("statuses", ()):
        name = f"{status['id']} {status['status']}"
        kept = {"status": status}
        yield Update(name, f"receipts of {status['recipient_id']}", orjson.dumps(kept), int(status["timestamp"]))


def _judged(value: Json, field: str, at: int) -> Update:
    """Meta gives such news no id of its own: the template, what became of it and the second in which it did are one."""
    which = f"{value['message_template_name']} {value['message_template_language']}"
    kept = orjson.dumps({"template": value})
    return Update(f"template {which} {value.get('event', field)} {at}", "templates", kept, place=at)


def _receipt(status: Json) -> Event:
    match status["status"]:
        case "delivered" | "read" as state:
            return Receipt(status["id"], state)
        case "failed":
            errors: list[Json] = status.get("errors") or [{}]
            error = errors[0]
            return Receipt(
                status["id"],
                "failed",
                str(error.get("title") or error.get("message") or "WhatsApp could not deliver it.")[:300],
                meaning(error_number(error)),
            )
        case other:
            return Ignored(f"a message is {other}")


def _message(message: Json, name: str) -> Event:
    number = str(message["from"])
    by = Person(number, name=str(name)[:80], phone=f"+{number}", proved=("phone",))
    quotes = message.get("context", {}).get("id")
    if message["type"] == "reaction":
        return Ignored("a reaction")
    text, media = _content(message)
    return Written(by, str(message["id"]), text=text, media=media, quotes=quotes)


def _content(message: Json) -> tuple[str, tuple[Media, ...]]:
    kind = message["type"]
    said = message.get(kind, {})
    match kind:
        case "text":
            return str(said["body"]), ()
        case "image" | "audio" | "video" | "document":
            return str(said.get("caption", "")), (_media(kind, said),)
        case "sticker":
            return spoken.sticker(), ()
        case "location":
            return spoken.location(
                said["latitude"], said["longitude"], str(said.get("name", "")), str(said.get("address", ""))
            ), ()
        case "contacts":
            return "\n".join(_contact(each) for each in said), ()
        case "button":
            return str(said["text"]), ()
        case "interactive":
            reply = said.get("button_reply") or said.get("list_reply") or {}
            return str(reply.get("title") or spoken.unsupported("an answer to a form")), ()
    return spoken.unsupported("a message of a new kind"), ()


def _contact(one: Json) -> str:
    phone = next((each.get("phone", "") for each in one.get("phones", ())), "")
    return spoken.contact(str(one.get("name", {}).get("formatted_name", "")), str(phone))


def _media(kind: Any, said: Json) -> Media:
    ending = _ENDINGS.get(str(said.get("mime_type", "")).partition(";")[0].strip(), "")
    name = str(said.get("filename") or (f"{kind}-{str(said['id'])[-6:]}.{ending}" if ending else kind))
    return Media(str(said["id"]), name, kind)
