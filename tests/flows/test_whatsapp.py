"""WhatsApp, both ways: signed calls, receipts that become ticks, the window of 24 hours and the templates beyond it."""

from __future__ import annotations

import json
import time

import pytest
from marshmallow import ValidationError

from models.actions import channels, deliveries
from models.channels import whatsapp
from models.channels.outgoing import Handed
from models.db import one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.live import Room
from models.queries import channels as read
from models.queries import templates
from models.schemas.messages import MessageSend
from tests.support import files, front
from tests.support.people import Colleague, chat_row, entries, make_agent
from tests.support.told import Told
from tests.support.whatsapp import (
    APP_SECRET,
    TOKEN,
    WORD,
    Graph,
    call,
    hello_again,
    judgement,
    message,
    news,
    signature,
    status,
    template,
)
from workers import connecting, delivering, taking


@pytest.fixture
def api(meta: Graph) -> Graph:
    return meta


def at(channel_id: int) -> str:
    found = one("select public_key from channel where id = %s", (channel_id,))
    assert found is not None
    return f"/hooks/whatsapp/{found['public_key']}"


def calls(channel_id: int, body: bytes, said: str | None = None) -> int:
    headers = {"X-Hub-Signature-256": signature(body) if said is None else said}
    return front.application().test_client().post(at(channel_id), data=body, headers=headers).status_code


def comes(channel_id: int, **what: list) -> None:
    meta_says(channel_id, call(**what))


def meta_says(channel_id: int, body: bytes) -> None:
    assert calls(channel_id, body) == 200
    taking.take()


def goes_out() -> None:
    for _ in range(10):
        run("update channel_pace set tokens = 20")
        delivering.deliver()
        if not rows("select 1 from delivery where state = 'queued' and due_at <= clock_timestamp()"):
            return


@pytest.fixture
def owner() -> Colleague:
    return make_agent()


@pytest.fixture
def chat_id(shop: int, owner: Colleague) -> int:
    comes(shop, messages=[message(said="Where is my parcel?")])
    (chat,) = rows("select id from chat")
    run("update chat set state = 'queued', queued_at = clock_timestamp() where id = %s", (chat["id"],))
    owner.takes(chat["id"])
    goes_out()
    return int(chat["id"])


def state(chat_id: int) -> tuple[str, str | None]:
    (last, *_) = rows("select state, code from delivery where chat_id = %s order by pub_seq desc", (chat_id,))
    return last["state"], last["code"]


def test_it_is_connected(shop: int, boss: Colleague) -> None:
    seen = read.one_of(boss.viewer, shop)
    assert (seen["state"], seen["notes"]["number"]) == ("working", "+49 30 1")
    for secret in (TOKEN, APP_SECRET, WORD):
        assert secret not in json.dumps(seen)


def test_meta_makes_sure_of_us_and_nobody_else_does(shop: int, boss: Colleague) -> None:
    client = front.application().test_client()
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    for wrong in ("", "open", WORD + "x"):
        assert client.get(at(shop), query_string={**asked, "hub.verify_token": wrong}).status_code == 404
    assert "webhook" not in read.one_of(boss.viewer, shop)["notes"]
    answer = client.get(at(shop), query_string={**asked, "hub.verify_token": WORD})
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert read.one_of(boss.viewer, shop)["notes"]["webhook"] is True


def test_only_what_is_signed_over_its_very_bytes_is_taken(shop: int) -> None:
    body = call(messages=[message(said="Hello")])
    assert calls(shop, body, "") == 404
    assert calls(shop, body, signature(body, "another")) == 404
    assert calls(shop, body + b" ", signature(body)) == 404
    assert [calls(shop, body) for _ in range(3)] == [200] * 3
    taking.take()
    assert (
        len(rows("select id from inbound")) == len(rows("select id from message where author_kind = 'customer'")) == 1
    )
    assert calls(shop, b'{"object": "page"}') == 400


def test_many_in_one_call_are_many_messages_in_order(shop: int, api: Graph) -> None:
    api.files = {"pic": files.picture(), "big": b"\0" * (6 * 1024 * 1024)}
    comes(
        shop,
        messages=[
            message(said="One"),
            message("location", {"latitude": 1.5, "longitude": 2.5, "name": "Shop"}),
            message("image", {"id": "pic", "mime_type": "image/jpeg", "caption": "Look"}),
            message("document", {"id": "big", "mime_type": "application/pdf", "filename": "film.pdf"}),
            message("reaction", {"emoji": "👍", "message_id": "x"}),
        ],
    )
    (chat,) = rows("select id from chat")
    said = [each for each in entries(chat["id"]) if each["author_kind"] == "customer"]
    assert [each["body"].split("\n")[0] for each in said] == [
        "One",
        "📍 Shop",
        "Look",
        "📎 film.pdf — not taken: This file is larger than 5 MB.",
    ]
    assert said[2]["data"]["attachments"][0]["kind"] == "image"
    assert rows("select name, phone from customer") == [{"name": "Ben", "phone": "+4915"}]


def test_receipts_become_ticks_and_never_go_back(shop: int, api: Graph, owner: Colleague, chat_id: int) -> None:
    owner.says(chat_id, "On its way.")
    goes_out()
    name = rows("select provider_ids from delivery order by id desc limit 1")[0]["provider_ids"][0]
    comes(
        shop,
        statuses=[status(name, "sent"), status(name, "delivered"), status(name, "read"), status(name, "delivered")],
    )
    chat = chat_row(chat_id)
    assert state(chat_id) == ("read", None)
    assert chat["customer_read_seq"] == chat["pub_seq"]


def test_a_receipt_that_comes_before_we_have_noted_the_name_of_the_message_waits_for_it(
    shop: int, owner: Colleague, chat_id: int
) -> None:
    owner.says(chat_id, "On its way.")
    run("update channel_pace set tokens = 20")
    claimed = deliveries.claim().claimed
    assert claimed is not None
    comes(shop, statuses=[status("wamid.quick", "read"), status("wamid.nobodys", "read")])
    assert [each["state"] for each in rows("select state from inbound where outcome is null")] == ["waiting"] * 2
    deliveries.record(claimed, Handed("sent", provider_id="wamid.quick"))
    run("update inbound set due_at = clock_timestamp() where state = 'waiting'")
    taking.take()
    assert state(chat_id) == ("read", None)
    assert not rows("select 1 from inbound where state <> 'done'"), "what is nobody's is not waited for"


def test_a_late_refusal_is_a_failed_message(shop: int, owner: Colleague, chat_id: int) -> None:
    owner.says(chat_id, "On its way.")
    goes_out()
    name = rows("select provider_ids from delivery order by id desc limit 1")[0]["provider_ids"][0]
    comes(shop, statuses=[status(name, "failed", errors=[{"code": 131047, "title": "Re-engagement message"}])])
    assert state(chat_id) == ("failed", "window_closed")


def test_after_a_day_only_a_template_goes(shop: int, api: Graph, owner: Colleague, chat_id: int) -> None:
    run("update identity set last_in_at = clock_timestamp() - interval '25 hours'")
    api.arrived.clear()
    owner.says(chat_id, "Are you there?")
    goes_out()
    assert state(chat_id) == ("failed", "window_closed")
    assert api.arrived == []
    said = owner.says(chat_id, "", template={"name": "hello_again", "language": "en", "variables": ["Ben", "7"]}).row
    assert said["body"] == "Hello Ben, about your order 7: may we write to you?"
    goes_out()
    assert state(chat_id) == ("sent", None)
    (sent,) = api.said()
    assert sent["name"] == "hello_again"
    assert [each["text"] for each in sent["components"][0]["parameters"]] == ["Ben", "7"]


def test_what_meta_lists_is_told_to_agents_and_to_nobody_without_work_here(
    shop: int, api: Graph, owner: Colleague, boss: Colleague
) -> None:
    api.page, api.templates = 2, [
        template(
            "order_update",
            {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["7"]}},
            {"type": "BODY", "text": "Dear {{first_name}}, it comes on {{day}}.",
             "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Ana"}]}},
            {"type": "FOOTER", "text": "Fernhill"},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Thanks"},
                {"type": "URL", "text": "Track", "url": "https://f.example/t/{{1}}", "example": ["https://f.example/t/x1"]},
            ]},
        ),
        template("catalogue", {"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "New"}),
        template("login", {"type": "BODY", "text": "{{1}} is your code"}, category="AUTHENTICATION"),
        template("spam", {"type": "BODY", "text": "Buy"}, status="PAUSED"),
        template("slides", {"type": "BODY", "text": "See"}, {"type": "CAROUSEL", "cards": []}),
    ]  # fmt: skip
    owner_sees = templates.of_channel(owner.viewer, shop)
    assert [each["name"] for each in owner_sees["items"]] == ["hello_again"], "not yet read anew"
    channels.reads_templates(owner.viewer, shop)
    assert templates.of_channel(owner.viewer, shop)["reading"]
    connecting.check(shop)
    seen = templates.of_channel(owner.viewer, shop)
    assert not seen["reading"]
    first, *others = seen["items"]
    assert (first["name"], first["unusable"]) == ("order_update", None)
    assert [(each["name"], each["place"], each["example"], each["button"]) for each in first["gaps"]] == [
        ("1", "header", "7", None),
        ("first_name", "body", "Ana", None),
        ("day", "body", "", None),
        ("1", "button", "x1", 1),
    ]
    assert {each["name"]: (each["state"], each["unusable"]) for each in others} == {
        "catalogue": ("approved", "Its header is a picture, which cannot be chosen here."),
        "login": ("approved", "It is for one-time codes, which the desk has none of."),
        "spam": ("paused", "WhatsApp has paused it, because many customers did not want it."),
        "slides": ("approved", "It has a part that cannot be filled in here: carousel."),
    }
    for nobody in (make_agent(role="analyst").viewer, boss.viewer):
        assert templates.of_channel(nobody, shop)["items"]
    with pytest.raises(NotFound):
        templates.of_channel(owner.viewer, rows("select id from channel where kind = 'web'")[0]["id"])


def test_every_place_of_a_template_is_filled(shop: int, api: Graph, owner: Colleague, chat_id: int) -> None:
    api.templates = [
        template(
            "order_update",
            {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"},
            {"type": "BODY", "text": "Dear {{first_name}}, it comes."},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Thanks"},
                {"type": "URL", "text": "Track", "url": "https://f.example/t/{{1}}"},
                {"type": "COPY_CODE", "example": "SAVE5"},
            ]},
        )
    ]  # fmt: skip
    channels.reads_templates(owner.viewer, shop)
    connecting.check(shop)
    chosen = {"name": "order_update", "language": "en", "variables": ["7", "Ben", "x1", "SAVE5"]}
    said = owner.says(chat_id, "", template=chosen).row
    assert said["body"] == "Order 7\n\nDear Ben, it comes."
    goes_out()
    assert api.said()[-1]["components"] == [
        {"type": "header", "parameters": [{"type": "text", "text": "7"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ben", "parameter_name": "first_name"}]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "x1"}]},
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "2",
            "parameters": [{"type": "coupon_code", "coupon_code": "SAVE5"}],
        },
    ]


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({"name": "goodbye", "variables": []}, "unknown_template"),
        ({"language": "de"}, "unknown_template"),
        ({"variables": ["Ben"]}, "template_variables"),
        ({"variables": ["Ben", "7", "8"]}, "template_variables"),
        ({"variables": ["Ben", " "]}, "template_variable"),
        ({"variables": ["Ben\nJ", "7"]}, "template_variable"),
        ({"variables": ["Ben", "7     8"]}, "template_variable"),
        ({"variables": ["B" * 1024, "7"]}, "template_variable"),
    ],
)
def test_a_template_that_does_not_fit_is_refused_before_it_is_stored(
    shop: int, owner: Colleague, chat_id: int, chosen: dict, code: str
) -> None:
    before = chat_row(chat_id)["all_seq"]
    with pytest.raises(Invalid) as refused:
        owner.says(chat_id, "", template={"name": "hello_again", "language": "en", "variables": ["Ben", "7"], **chosen})
    assert refused.value.code == code
    assert chat_row(chat_id)["all_seq"] == before


@pytest.mark.parametrize("more", [{"body": "Hello"}, {"internal": True}, {"attachment_ids": [1]}])
def test_a_template_goes_alone(more: dict) -> None:
    said = {"chat_id": 1, "client_id": "c" * 8, "body": "", "template": {"name": "hello_again", "language": "en"}}
    assert MessageSend().load(said)["template"]["variables"] == []
    with pytest.raises(ValidationError):
        MessageSend().load({**said, **more})


def test_one_that_meta_has_paused_since_ends_in_a_clear_state_and_cannot_be_chosen_again(
    shop: int, api: Graph, owner: Colleague, chat_id: int
) -> None:
    chosen = {"name": "hello_again", "language": "en", "variables": ["Ben", "7"]}
    api.templates[0]["status"] = "PAUSED"
    api.script = [132015]
    owner.says(chat_id, "", template=chosen)
    goes_out()
    assert state(chat_id) == ("failed", "template")
    connecting.check(shop)
    with pytest.raises(Conflict) as refused:
        owner.says(chat_id, "", template=chosen)
    assert (refused.value.code, refused.value.sentence) == (
        "template_unusable",
        "WhatsApp has paused it, because many customers did not want it.",
    )


def test_a_list_that_cannot_be_read_keeps_what_was_known(shop: int, api: Graph, owner: Colleague) -> None:
    before = templates.of_channel(owner.viewer, shop)
    api.templates = [{"name": "broken"}]
    channels.reads_templates(owner.viewer, shop)
    connecting.check(shop)
    seen = templates.of_channel(owner.viewer, shop)
    assert [each["name"] for each in seen["items"]] == ["hello_again"]
    assert seen["fault"] == "WhatsApp’s list could not be read (KeyError)."
    assert seen["read_at"] == before["read_at"], "which is when it was read, not when it could not be"
    api.templates = [hello_again()]
    channels.reads_templates(owner.viewer, shop)
    connecting.check(shop)
    run("update channel set error = 'Rate limit hit' where id = %s", (shop,))
    seen = templates.of_channel(owner.viewer, shop)
    assert (seen["fault"], seen["read_at"] > before["read_at"]) == (None, True), "what is sent has errors of its own"


@pytest.mark.parametrize(
    ("event", "more", "state", "why"),
    [
        ("REJECTED", {"reason": "INVALID_FORMAT"}, "rejected", "WhatsApp has rejected it: its form is not right."),
        ("REJECTED", {}, "rejected", "WhatsApp has rejected it."),
        ("PAUSED", {}, "paused", "WhatsApp has paused it, because many customers did not want it."),
        ("DISABLED", {"disable_info": {"disable_date": "1"}}, "disabled", "WhatsApp has switched it off."),
        ("PENDING_DELETION", {"reason": None}, "disabled", "It is being deleted at WhatsApp."),
    ],
)
def test_what_meta_takes_back_is_offered_to_nobody_from_that_moment(
    shop: int, owner: Colleague, chat_id: int, told: Told, event: str, more: dict, state: str, why: str
) -> None:
    told.clear()
    meta_says(shop, news(judgement(event, **more)))
    seen = templates.of_channel(owner.viewer, shop)
    assert [(each["name"], each["state"], each["unusable"]) for each in seen["items"]] == [("hello_again", state, why)]
    assert seen["reading"], "and the whole list is read, for what else may have changed"
    assert told.payloads("catalogue:changed", Room.DESK) == [{"what": "channels"}], "whoever has it open reads it again"
    with pytest.raises(Conflict) as refused:
        owner.says(chat_id, "", template={"name": "hello_again", "language": "en", "variables": ["Ben", "7"]})
    assert (refused.value.code, refused.value.sentence) == ("template_unusable", why)


def test_what_meta_gives_back_is_read_in_its_list(shop: int, api: Graph, owner: Colleague) -> None:
    def stands() -> list[tuple[str, str]]:
        return [(each["name"], each["state"]) for each in templates.of_channel(owner.viewer, shop)["items"]]

    api.templates = [template("sale", {"type": "BODY", "text": "Buy"}, language="pt_BR", status="PENDING")]
    meta_says(shop, news(judgement("PENDING", "sale", "pt-BR")))
    connecting.check(shop)
    assert stands() == [("sale", "pending")]
    api.templates[0]["status"] = "APPROVED"
    for _ in range(3):
        meta_says(shop, news(judgement("APPROVED", "sale", "pt-BR"), at=1_790_000_100))
    assert rows("select outcome from inbound") == [{"outcome": "template"}] * 2, "each is done once"
    assert stands() == [("sale", "pending")]
    connecting.check(shop)
    assert stands() == [("sale", "approved")]
    api.templates[0]["components"][0]["text"] = "Buy {{1}}"
    _, edited = judgement("", "sale", "pt-BR")
    del edited["event"]
    meta_says(shop, news(("message_template_components_update", edited), at=1_790_000_150))
    connecting.check(shop)
    assert [each["body"] for each in templates.of_channel(owner.viewer, shop)["items"]] == ["Buy {{1}}"]
    meta_says(shop, news(judgement("PAUSED", "sale", "pt-BR"), at=1_790_000_200))
    assert stands() == [("sale", "paused")], "a language is written in two ways"


def test_news_that_come_while_the_list_is_being_read_have_it_read_once_more(
    shop: int, api: Graph, owner: Colleague
) -> None:
    channels.reads_templates(owner.viewer, shop)
    assert channels.claim_check(shop)
    read_before = whatsapp.WhatsApp().connect(read.account(shop), "")
    api.templates[0]["status"] = "REJECTED"
    meta_says(shop, news(judgement("REJECTED")))
    channels.checked(shop, read_before)
    connecting.check(shop)
    assert [each["state"] for each in templates.of_channel(owner.viewer, shop)["items"]] == ["rejected"]


def test_what_else_meta_tells_of_a_business_is_taken_and_nothing_is_made_of_it(shop: int, owner: Colleague) -> None:
    field, rejected = judgement("REJECTED")
    for body in (
        news(("account_update", {"event": "VERIFIED_ACCOUNT"}), ("security", {"event": "PIN_CHANGED"})),
        news(("phone_number_quality_update", {"display_phone_number": "49301", "current_limit": "TIER_10K"})),
        news(("message_template_quality_update", {**rejected, "new_quality_score": "RED"})),
        news(("something_new", {})),
        news((field, rejected), business="another"),
    ):
        meta_says(shop, body)
    assert calls(shop, news((field, rejected)), "sha256=forged") == 404
    assert rows("select id from inbound") == []
    seen = templates.of_channel(owner.viewer, shop)
    assert ([each["state"] for each in seen["items"]], seen["reading"]) == (["approved"], False)


@pytest.mark.parametrize(("number", "waits"), [(130429, "channel_pace"), (131056, "identity")])
def test_throttling_is_obeyed_by_whom_it_is_for(
    shop: int, api: Graph, owner: Colleague, chat_id: int, number: int, waits: str
) -> None:
    api.script, api.arrived = [number], []
    owner.says(chat_id, "one")
    owner.says(chat_id, "two")
    began = time.monotonic()
    delivering.deliver(slice_s=0.5)
    assert time.monotonic() - began < 5
    assert api.arrived == []
    assert one(f"select count(*)::int as n from {waits} where hold_until > clock_timestamp()") == {"n": 1}
    run(f"update {waits} set hold_until = null")
    run("update delivery set due_at = clock_timestamp()")
    goes_out()
    assert [each["body"] for each in api.said()] == ["one", "two"]


def test_a_revoked_token_pauses_the_channel(
    shop: int, api: Graph, owner: Colleague, chat_id: int, boss: Colleague
) -> None:
    api.script = [190]
    owner.says(chat_id, "one")
    goes_out()
    assert read.one_of(boss.viewer, shop)["state"] == "broken"
    assert state(chat_id)[0] == "queued"
