"""Telegram: a bot of the desk's own. The Bot API is JSON over HTTPS, and a webhook with a secret in its header.

Only private chats are the desk's business. A message is named `<chat>/<number>`, because Telegram numbers them chat by
chat. https://core.telegram.org/bots/api
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from models.channels import http
from models.channels.base import Channel
from models.channels.http import LOST_ANSWER, Answer
from models.channels.incoming import (
    Edited,
    Event,
    Fetched,
    Ignored,
    Incoming,
    Media,
    Person,
    Reach,
    Unreadable,
    Update,
    Written,
)
from models.channels.outgoing import Checked, Code, File, Handed, Parcel
from models.channels.profile import MIB, Account, Capabilities, Field, Form
from models.rules import spoken
from models.settings import settings

Json = Mapping[str, Any]

SECRET_HEADER = "x-telegram-bot-api-secret-token"
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")

GREETING = "Hello"
"""What pressing Start says: the bot is greeted, and greets."""

_METHODS = {  # by content type: how a file is sent so that it is shown as what it is
    "image/jpeg": ("sendPhoto", "photo"),
    "image/png": ("sendPhoto", "photo"),
    "image/gif": ("sendAnimation", "animation"),
    "audio/ogg": ("sendVoice", "voice"),
    "audio/mpeg": ("sendAudio", "audio"),
    "audio/mp4": ("sendAudio", "audio"),
    "video/mp4": ("sendVideo", "video"),
}
_AS_IT_IS = ("sendDocument", "document")
_NOT_SHOWN = ("photo", "image", "animation", "voice", "audio", "video")
"""What a refusal names when a file cannot be shown so: a picture too long, a person who takes no voice messages."""


class Telegram(Channel):
    kind = "telegram"
    can = Capabilities(
        longest=4096,
        idempotent=False,
        media={"image": 5 * MIB, "audio": 5 * MIB, "video": 5 * MIB, "document": 5 * MIB},
        caption=1024,
        buttons=6,
        button_longest=64,
        receipts="sent",
        edits=True,
        deletes=True,
        deletes_h=48,
        quotes=True,
        per_second=25.0,  # some 30 are allowed; the exact number is not published
        burst=25,
        pause_s=1.0,
    )
    form = Form(
        "Telegram",
        "Customers write to a bot of yours in Telegram.",
        (
            Field(
                "token",
                "Bot token",
                "secret",
                help="From @BotFather: /newbot, or /token for a bot you have. It looks like 123456:ABC-DEF…",
            ),
        ),
        docs="telegram",
    )

    # --- in ---

    def verify(self, account: Account, incoming: Incoming) -> bool:
        said = incoming.headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(said.encode(), _word(account).encode())

    def split(self, account: Account, incoming: Incoming) -> Sequence[Update]:
        try:
            update = orjson.loads(incoming.body)
            number = update["update_id"]
            if type(number) is not int:
                raise TypeError
            what = _what(update)
            sender = str(_chat_of(what)["id"]) if what else "nobody"
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as fault:
            raise Unreadable(type(fault).__name__) from fault
        album = update.get("message", {}).get("media_group_id")
        return [
            Update(
                str(number), sender, incoming.body, place=number, bundle=f"album {album}" if album is not None else None
            )
        ]

    def read(self, account: Account, raw: bytes) -> Sequence[Event]:
        try:
            return [_event(orjson.loads(raw))]
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as fault:
            raise Unreadable(f"{type(fault).__name__} in an update") from fault

    def fetch(self, account: Account, media: Media, raw: bytes, into: Path, most: int) -> Fetched:
        found = _ask(account, "getFile", json={"file_id": media.ref})
        said = found.json()
        if found.how != "answered" or found.status >= 500 or found.status == 429:
            return Fetched("later", found.reason or f"Telegram said {found.status}")
        if not said.get("ok"):
            too_big = "too big" in str(said.get("description", ""))
            return Fetched("too_large" if too_big else "gone", str(said.get("description", ""))[:200])
        path = said["result"].get("file_path", "")
        token = account.secrets["token"]
        got = http.ask("GET", f"{settings().telegram_api}/file/bot{token}/{path}", most=most, into=into)
        return http.fetched(got, "Telegram")

    # --- out ---

    def send(self, account: Account, parcel: Parcel) -> Handed:
        fields: dict[str, Any] = {"chat_id": parcel.to}
        if parcel.reply_to is not None:
            number = parcel.reply_to.rpartition("/")[2]
            fields["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
        if parcel.buttons:
            rows = [[{"text": each}] for each in parcel.buttons]
            fields["reply_markup"] = {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
        if parcel.file is None:
            return _handed(_ask(account, "sendMessage", json={**fields, "text": parcel.body}), parcel.to)
        if parcel.body:
            fields["caption"] = parcel.body
        shown = _METHODS.get(parcel.file.content_type, _AS_IT_IS)
        answer = _send_file(account, shown, fields, parcel.file)
        if shown != _AS_IT_IS and _cannot_be_shown(answer):  # refused, so nothing has arrived
            answer = _send_file(account, _AS_IT_IS, fields, parcel.file)
        return _handed(answer, parcel.to)

    def amend(self, account: Account, parcel: Parcel) -> Handed:
        method, field = ("editMessageCaption", "caption") if parcel.captioned else ("editMessageText", "text")
        answer = _ask(account, method, json={**_named(parcel), field: parcel.body})
        return _corrected(answer, parcel, done="message is not modified")

    def withdraw(self, account: Account, parcel: Parcel) -> Handed:
        answer = _ask(account, "deleteMessage", json=_named(parcel))
        return _corrected(answer, parcel, done="message to delete not found")

    # --- how it is ---

    def connect(self, account: Account, address: str) -> Checked:
        me = _ask(account, "getMe")
        if (trouble := _trouble(me)) is not None:
            return trouble
        who = me.json()["result"]
        notes = {"username": who.get("username", ""), "name": who.get("first_name", ""), "webhook": False}
        hook = {"url": address, "secret_token": _word(account), "allowed_updates": WANTED, "max_connections": 40}
        if (trouble := _trouble(_ask(account, "setWebhook", json=hook))) is not None:
            return Checked(False, trouble.reason, trouble.code, notes)
        return Checked(True, notes={**notes, "webhook": True})

    def disconnect(self, account: Account) -> None:
        _ask(account, "deleteWebhook")


def _word(account: Account) -> str:
    """What Telegram says to prove that it is it: made of the token, so that a new token makes a new word."""
    token = account.secrets.get("token", "")
    return hmac.new(token.encode(), f"webhook {account.public_key}".encode(), hashlib.sha256).hexdigest()


def _ask(account: Account, method: str, **more: Any) -> Answer:
    token = account.secrets.get("token", "")
    return http.ask("POST", f"{settings().telegram_api}/bot{token}/{method}", **more)


def _send_file(account: Account, how: tuple[str, str], fields: Json, file: File) -> Answer:
    method, part = how
    plain = {name: value if isinstance(value, str) else orjson.dumps(value) for name, value in fields.items()}
    return _ask(account, method, data=plain, files={part: (file.name, file.content, file.content_type)})


def _cannot_be_shown(answer: Answer) -> bool:
    said = str(answer.json().get("description", "")).lower()
    return answer.status == 400 and any(each in said for each in _NOT_SHOWN)


def _trouble(answer: Answer) -> Checked | None:
    said = answer.json()
    if answer.how == "answered" and said.get("ok") is True:
        return None
    if answer.status in (401, 404):
        return Checked(False, "Telegram does not know this bot token.", "unauthorized")
    reason = str(said.get("description") or answer.reason or f"Telegram said {answer.status}")
    return Checked(False, reason[:300])


def _handed(answer: Answer, to: str) -> Handed:
    if answer.how != "answered":
        return Handed(answer.how, answer.reason)
    said = answer.json()
    if answer.status == 200 and said.get("ok") is True:
        return Handed("sent", provider_id=f"{to}/{said['result']['message_id']}")
    reason = str(said.get("description") or f"Telegram said {answer.status}")[:300]
    if answer.status == 429:
        wait_s = said.get("parameters", {}).get("retry_after") or answer.retry_after_s or 1
        return Handed("later", reason, retry_after_s=float(wait_s))
    if answer.status in LOST_ANSWER or answer.status == 200:
        return Handed("unknown", reason)
    if answer.status >= 500:
        return Handed("later", reason)
    return Handed("refused", reason, code=_code(answer.status, reason))


def _named(parcel: Parcel) -> dict[str, Any]:
    chat, _, number = parcel.target.rpartition("/")
    return {"chat_id": chat, "message_id": int(number)}


def _corrected(answer: Answer, parcel: Parcel, *, done: str) -> Handed:
    """As `_handed`, but that what was `done` before is done: either may be asked for again."""
    said = answer.json()
    if answer.status == 200 and said.get("ok") is True:
        return Handed("sent")
    if answer.status == 400 and done in str(said.get("description", "")):
        return Handed("sent")
    return _handed(answer, parcel.to)


def _code(status: int, reason: str) -> Code:
    if status in (401, 404):
        return "unauthorized"
    if status == 403 or "chat not found" in reason:
        return "unreachable"
    return "unsupported"


# --- reading ----------------------------------------------------------------------------------------------


def _what(update: Json) -> Json | None:
    """The part of an update that says something; None for kinds that were not asked for."""
    return next((update[name] for name in WANTED if name in update), None)


def _chat_of(what: Json) -> Json:
    found: Json = what["message"]["chat"] if "data" in what and "message" in what else what["chat"]
    return found


def _event(update: Json) -> Event:
    what = _what(update)
    if what is None:
        return Ignored("a kind of update that was not asked for")
    chat = _chat_of(what)
    if chat.get("type") != "private":
        return Ignored("not a private chat")
    by = _person(what["from"], chat["id"])
    if "my_chat_member" in update:
        return Reach(by, what["new_chat_member"]["status"] != "kicked")
    if "callback_query" in update:
        return Written(by, f"{chat['id']}/button-{what['id']}", text=str(what["data"]))
    name = f"{chat['id']}/{what['message_id']}"
    text, media = _content(what)
    if "edited_message" in update:
        return Edited(by, name, text)
    answers = what.get("reply_to_message")
    return Written(
        by,
        name,
        text=text,
        media=media,
        quotes=f"{chat['id']}/{answers['message_id']}" if answers else None,
    )


def _person(sender: Json, chat_id: int) -> Person:
    name = " ".join(each for each in (sender.get("first_name", ""), sender.get("last_name", "")) if each)
    return Person(
        str(chat_id),
        name=name[:80],
        language=str(sender.get("language_code", ""))[:35],
        notes={"username": sender["username"]} if sender.get("username") else {},
    )


def _content(message: Json) -> tuple[str, tuple[Media, ...]]:
    """Words and files of a message; what is neither, as words."""
    words = str(message.get("text") or message.get("caption") or "")
    if words.partition(" ")[0] == "/start":
        words = GREETING
    if (file := _file(message)) is not None:
        return words, (file,)
    if "sticker" in message:
        return spoken.sticker(str(message["sticker"].get("emoji", ""))), ()
    if "venue" in message:
        venue = message["venue"]
        at = venue["location"]
        return spoken.location(at["latitude"], at["longitude"], venue["title"], venue["address"]), ()
    if "location" in message:
        at = message["location"]
        return spoken.location(at["latitude"], at["longitude"]), ()
    if "contact" in message:
        one = message["contact"]
        name = " ".join(each for each in (one.get("first_name", ""), one.get("last_name", "")) if each)
        return spoken.contact(name, one.get("phone_number", "")), ()
    if "poll" in message:
        return spoken.poll(message["poll"]["question"]), ()
    if "dice" in message:
        return f"{message['dice']['emoji']} {message['dice']['value']}", ()
    return words or spoken.unsupported("a message of a new kind"), ()


def _file(message: Json) -> Media | None:
    number = message.get("message_id", 0)
    if "photo" in message:  # the same picture in several sizes, the largest last
        largest = message["photo"][-1]
        return Media(largest["file_id"], f"photo-{number}.jpg", "image", largest.get("file_size"))
    if "voice" in message:
        return _media(message["voice"], f"voice-{number}.ogg", "audio")
    if "video_note" in message:
        return _media(message["video_note"], f"video-{number}.mp4", "video")
    if "animation" in message:
        return _media(message["animation"], f"animation-{number}.mp4", "video")
    if "video" in message:
        return _media(message["video"], f"video-{number}.mp4", "video")
    if "audio" in message:
        return _media(message["audio"], f"audio-{number}.mp3", "audio")
    if "document" in message:
        return _media(message["document"], f"file-{number}", "document")
    return None


def _media(found: Json, name: str, kind: Any) -> Media:
    return Media(found["file_id"], str(found.get("file_name") or name), kind, found.get("file_size"))
