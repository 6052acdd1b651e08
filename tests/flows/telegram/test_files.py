"""Files of agents in Telegram: each as what it is, with the words that belong to it, and none of them silently missing."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import deliveries
from models.db import one, rows, run
from tests.support import files
from tests.support.people import Colleague, entries, make_agent
from tests.support.telegram import Arrived, BotApi
from tests.support.telegram_desk import everything_goes_out, owned, states


@pytest.fixture
def owner() -> Colleague:
    return make_agent()


@pytest.fixture
def chat_id(owner: Colleague, shop: int, api: BotApi) -> int:
    number = owned(owner, shop)
    api.arrived.clear()
    return number


def content(arrived: Arrived) -> tuple[str, bytes]:
    """The name and the bytes of the one file in it."""
    ((name, body),) = arrived.files.values()
    return name, body


@pytest.mark.parametrize(
    ("name", "made", "method", "part"),
    [
        ("fern.jpg", files.picture(90, 60), "sendPhoto", "photo"),
        ("fern.png", files.picture(90, 60, "PNG"), "sendPhoto", "photo"),
        ("wave.gif", files.animation(), "sendAnimation", "animation"),
        ("voice.ogg", files.ogg(), "sendVoice", "voice"),
        ("song.mp3", files.mp3(), "sendAudio", "audio"),
        ("memo.m4a", files.mp4(b"M4A ", video=False), "sendAudio", "audio"),
        ("film.mp4", files.mp4(), "sendVideo", "video"),
        ("plan.pdf", files.pdf(), "sendDocument", "document"),
        ("voice.weba", files.webm(), "sendDocument", "document"),
        ("Größenplan für Ben.pdf", files.pdf(), "sendDocument", "document"),
    ],
)
def test_each_file_is_shown_as_what_it_is(
    owner: Colleague, chat_id: int, api: BotApi, name: str, made: bytes, method: str, part: str
) -> None:
    owner.says(chat_id, "Here it is.", attachment_ids=[owner.uploads(made, name)])
    everything_goes_out()
    (arrived,) = api.arrived
    assert (arrived.method, arrived.chat, arrived.text, set(arrived.files)) == (method, "555", "Here it is.", {part})
    sent_name, sent = content(arrived)
    kept = one("select name, size from attachment")
    assert kept is not None
    assert (sent_name, len(sent)) == (name, kept["size"])
    assert sent[:4] == made[:4]
    assert states(chat_id)[-1] == "sent"


def test_a_file_alone_and_one_with_words_too_long_for_it(owner: Colleague, chat_id: int, api: BotApi) -> None:
    owner.says(chat_id, "", attachment_ids=[owner.uploads(files.picture(90, 60), "a.jpg")])
    long = "word " * 250
    owner.says(chat_id, long, attachment_ids=[owner.uploads(files.picture(80, 60), "b.jpg")])
    everything_goes_out()
    assert [(each.method, each.text) for each in api.arrived] == [
        ("sendPhoto", ""),
        ("sendPhoto", ""),
        ("sendMessage", long.strip()),
    ]
    assert "caption" not in api.arrived[0].fields


def test_several_files_go_in_their_order_and_then_the_words(owner: Colleague, chat_id: int, api: BotApi) -> None:
    made = [
        owner.uploads(files.picture(90, 60), "a.jpg"),
        owner.uploads(files.pdf(), "b.pdf"),
        owner.uploads(files.ogg(), "c.ogg"),
    ]
    owner.says(chat_id, "All of it.", attachment_ids=made)
    owner.says(chat_id, "Anything else?")
    everything_goes_out()
    assert [each.method for each in api.arrived] == [
        "sendPhoto",
        "sendDocument",
        "sendVoice",
        "sendMessage",
        "sendMessage",
    ]
    assert [content(each)[0] for each in api.arrived[:3]] == ["a.jpg", "b.pdf", "c.ogg"]
    assert api.texts()[3:] == ["All of it.", "Anything else?"]
    assert states(chat_id)[-2:] == ["sent", "sent"]


def test_a_file_refused_between_others_stops_there_and_is_sent_on_from_there(
    owner: Colleague, chat_id: int, api: BotApi
) -> None:
    """What has arrived is not sent a second time by whoever presses Send again."""
    made = [owner.uploads(files.picture(size, 60), f"{size}.jpg") for size in (70, 80, 90)]
    api.script = ["200", "400 Bad Request: wrong file"]
    owner.says(chat_id, "Three.", attachment_ids=made)
    everything_goes_out()
    lost = one("select id, state, error from delivery order by id desc limit 1")
    assert lost is not None
    assert (lost["state"], lost["error"]) == ("failed", "Bad Request: wrong file")
    assert [content(each)[0] for each in api.arrived] == ["70.jpg"]
    deliveries.retried(owner.viewer, lost["id"])
    everything_goes_out()
    assert [content(each)[0] for each in api.arrived[:3]] == ["70.jpg", "80.jpg", "90.jpg"]
    assert api.texts()[3:] == ["Three."]


def test_a_picture_that_is_no_photo_for_telegram_goes_as_a_file(owner: Colleague, chat_id: int, api: BotApi) -> None:
    """Photos have at most 10,000 pixels in width and height together, and are at most 20 times as long as wide."""
    api.script = ["400 Bad Request: PHOTO_INVALID_DIMENSIONS"]
    owner.says(chat_id, "The whole border.", attachment_ids=[owner.uploads(files.picture(2100, 60), "border.jpg")])
    everything_goes_out()
    (arrived,) = api.arrived
    assert (arrived.method, arrived.text, content(arrived)[0]) == ("sendDocument", "The whole border.", "border.jpg")
    assert states(chat_id)[-1] == "sent"


def test_a_voice_message_somebody_does_not_take_goes_as_a_file(owner: Colleague, chat_id: int, api: BotApi) -> None:
    api.script = ["400 Bad Request: user restricted receiving of voice messages"]
    owner.says(chat_id, "", attachment_ids=[owner.uploads(files.ogg(), "voice.ogg")])
    everything_goes_out()
    assert [(each.method, content(each)[0]) for each in api.arrived] == [("sendDocument", "voice.ogg")]


def test_quick_replies_are_offered_under_the_words_that_go_with_a_file(
    owner: Colleague, chat_id: int, api: BotApi
) -> None:
    owner.says(chat_id, "Which one?", attachment_ids=[owner.uploads(files.picture(90, 60), "a.jpg")])
    offers(chat_id, ["The left", "The right"])
    everything_goes_out()
    assert [(each.method, each.text) for each in api.arrived] == [("sendPhoto", ""), ("sendMessage", "Which one?")]
    keyboard = api.arrived[1].fields["reply_markup"]
    assert keyboard["keyboard"] == [[{"text": "The left"}], [{"text": "The right"}]]
    assert "reply_markup" not in api.arrived[0].fields


def test_a_file_that_answers_a_message_says_which(owner: Colleague, shop: int, chat_id: int, api: BotApi) -> None:
    question = next(each for each in entries(chat_id) if each["author_kind"] == "customer")
    owner.says(chat_id, "", attachment_ids=[owner.uploads(files.pdf(), "plan.pdf")], quote_id=question["id"])
    everything_goes_out()
    (arrived,) = api.arrived
    assert arrived.fields["reply_parameters"]["message_id"] == 1


@pytest.mark.parametrize("behaviour", ["200 then reset", "502"])
def test_a_file_that_may_have_arrived_is_not_sent_again_by_itself(
    owner: Colleague, chat_id: int, api: BotApi, behaviour: str
) -> None:
    api.script = [behaviour]
    owner.says(chat_id, "Perhaps.", attachment_ids=[owner.uploads(files.picture(90, 60), "a.jpg")])
    everything_goes_out()
    assert states(chat_id)[-1] == "unknown"
    assert len(asked(api, "sendPhoto")) == 1
    assert asked(api, "sendDocument") == []


def test_a_file_removed_before_it_left_is_said_to_be_gone(owner: Colleague, chat_id: int, api: BotApi) -> None:
    owner.says(chat_id, "Here.", attachment_ids=[owner.uploads(files.pdf(), "plan.pdf")])
    run("delete from attachment")
    everything_goes_out()
    assert api.arrived == []
    (lost,) = rows("select state, error from delivery where state = 'failed'")
    assert lost["error"] == "The file, or the channel, is not there any more."


def asked(api: BotApi, method: str) -> list[dict[str, Any]]:
    return [fields for name, fields, _ in api.asked if name == method]


def offers(chat_id: int, quick_replies: list[str]) -> None:
    """The newest message of the chat offers these: agents have no such button, the bot's answers and fixtures do."""
    run(
        "update message set data = data || jsonb_build_object('quick_replies', %s::text[])"
        " where id = (select max(id) from message where chat_id = %s and kind = 'text')",
        (quick_replies, chat_id),
    )
