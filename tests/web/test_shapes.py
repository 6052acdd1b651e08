"""The hand-written dicts of `queries/shapes.py` are what their schemas say: shape by shape, on real rows."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from models.actions import assignment, attachments, customers, uploads
from models.actions import channels as channel_actions
from models.actions import routing as routing_actions
from models.actions import views as kept
from models.actions.conversation import agent_draft, say
from models.channels import whatsapp_templates
from models.channels.known import KINDS
from models.db import one, run
from models.media.storage import incoming
from models.queries import (
    agents,
    assignments,
    canned,
    catalogue,
    channels,
    chats,
    history,
    knowledge,
    media,
    naming,
    queue,
    routing,
    search,
    shapes,
    timeline,
    views,
    visitors,
)
from models.rules.narrowing import Narrowing
from models.schemas import admin, events, people, visitor
from models.schemas import catalogue as catalogue_schemas
from models.schemas import channels as channel_schemas
from models.schemas import chats as chat_schemas
from models.schemas import customers as customer_schemas
from models.schemas import history as history_schemas
from models.schemas import media as media_schemas
from models.schemas import search as search_schemas
from models.schemas import templates as template_schemas
from models.schemas.base import Shape
from models.schemas.messages import MessageOut, MessagePage
from models.tables.desk import Desk
from tests.support import world as worlds
from tests.support.whatsapp import hello_again
from tests.support.world import World, fresh_id


@pytest.fixture
def world(clean: None) -> World:
    return worlds.build()


@pytest.fixture
def every_chat(world: World) -> list[int]:
    """A chat in every state, with and without team, owner, note, tag, rating and predecessor."""
    owner, boss = world.colleague(), world.colleague("Billing", "supervisor")
    guest = world.guest()
    ended = world.ended(owner, guest)
    customers.rates(guest.visitor, ended, 4, "Good")
    again = world.waiting(guest)
    waiting = world.waiting()
    active = world.active(boss)
    world.note(boss, active, "A note.")
    say(agent_draft(boss.viewer, chat_id=active, client_id=fresh_id(), body="Good day."))
    customers.introduces(world.guest().visitor, "Ada", "ada@example.com")
    with_bot = worlds.say_to_bot(world)
    return [ended, again, waiting, active, with_bot]


def fits(shape: type[Shape], value: Any) -> None:
    """Valid, and complete: neither a field too many nor one too few."""
    assert shape().validate(value) == {}, value
    assert set(value) <= set(shape().fields), value
    required = {name for name, field in shape().fields.items() if field.required}
    assert required <= set(value), value


def test_chats_and_their_entries(every_chat: list[int]) -> None:
    states = set()
    for chat_id in every_chat:
        row = chats.row(chat_id)
        states.add(row["state"])
        fits(chat_schemas.ChatOut, shapes.chat(row))
        fits(visitor.VisitorChat, shapes.visitor_chat(row))
        fits(customer_schemas.CustomerBrief, shapes.customer_brief(row))
        for entry in worlds.stored(chat_id):
            fits(MessageOut, shapes.message(entry))
            if entry["pub_seq"] is not None:
                fits(visitor.VisitorMessage, shapes.visitor_message(entry))
    assert states == {"bot", "queued", "active", "ended"}


def test_channels_and_what_goes_by_them(world: World, every_chat: list[int]) -> None:
    boss = world.colleague(role="admin").viewer
    filled = {"phone_number_id": "1", "token": "t", "app_secret": "s", "verify_token": "v"}
    number = channel_actions.created(boss, "whatsapp", "Shop", filled)
    run("update chat set channel_id = %s where id = %s", (number, every_chat[3]))
    said = say(agent_draft(boss, chat_id=every_chat[3], client_id=fresh_id(), body="A note.", internal=True))
    fits(chat_schemas.ChatOut, shapes.chat(chats.row(said.chat_id)))
    assert shapes.chat(chats.row(said.chat_id))["channel"]["reply_until"] is None, "they never wrote by it"
    run(
        "insert into identity (customer_id, channel_id, external_id, last_in_at)"
        " select customer_id, channel_id, '4915', '2026-11-28T12:00:00Z' from chat where id = %s",
        (said.chat_id,),
    )
    fits(chat_schemas.ChatOut, shapes.chat(chats.row(said.chat_id)))
    assert shapes.chat(chats.row(said.chat_id))["channel"]["reply_until"] == "2026-11-29T12:00:00+00:00"
    listed = {"items": [whatsapp_templates.read([hello_again()])[0]], "read_at": None, "reading": False, "fault": None}
    fits(template_schemas.TemplateList, listed)
    for what in KINDS.values():
        fits(channel_schemas.ChannelCan, shapes.can(what))
    fits(channel_schemas.ChannelList, channels.everything(boss))
    fits(channel_schemas.ChannelKindList, channels.kinds(boss))
    fits(channel_schemas.LostList, channels.lost(boss, number))


def test_agents(world: World, every_chat: list[int]) -> None:
    for colleague in world.agents.values():
        fits(people.AgentOut, agents.out(colleague.id))
        fits(people.AgentBrief, shapes.agent_brief(agents.row(colleague.id)))
    assert shapes.agent_brief({"owner_id": None}, "owner_") is None


def test_whole_answers(world: World, every_chat: list[int]) -> None:
    for colleague in world.agents.values():
        viewer = colleague.viewer
        fits(people.MeOut, agents.me(viewer, "token"))
        fits(people.OverviewOut, agents.overview(viewer))
        fits(chat_schemas.ChatPage, chats.inbox(viewer, which="queue"))
        fits(chat_schemas.ChatPage, chats.inbox(viewer, which="mine"))
        fits(history_schemas.HistoryPage, history.page(viewer, Narrowing(state="any")))
        fits(history_schemas.ViewList, views.seen_by(viewer))
        fits(catalogue_schemas.CannedList, canned.usable(viewer))
    fits(catalogue_schemas.TagList, catalogue.tags())
    fits(catalogue_schemas.EndReasonList, catalogue.end_reasons())
    fits(people.DeskOut, agents.desk())
    boss = world.colleague(role="supervisor").viewer
    for chat_id in every_chat:
        fits(chat_schemas.ChatDetail, chats.detail(boss, chat_id))
        fits(MessagePage, chats.messages(boss, chat_id))
        fits(MessagePage, chats.sync(boss, chat_id, 0))
        if (place := queue.place(chat_id)) is not None:
            fits(visitor.QueuePlace, place)
    fits(events.Counts, queue.counts(world.teams["Orders"]))


def test_what_is_found_and_read_of_the_past(world: World, every_chat: list[int]) -> None:
    boss = world.colleague(role="supervisor")
    kept.keep(boss.viewer, name="Odd", shared=True, filter={"tag_ids": [987_654]}, q="pot", sort="newest")
    fits(history_schemas.ViewList, views.seen_by(boss.viewer))
    found = search.page(boss.viewer, "anybody nobdy tag:", Narrowing())
    fits(search_schemas.SearchPage, found)
    fits(search_schemas.SearchPage, search.page(boss.viewer, "ada", Narrowing()))
    fits(search_schemas.SuggestList, naming.suggestions("a"))
    fits(history_schemas.HistoryChoices, naming.choices())
    row = chats.row(every_chat[0])
    fits(history_schemas.Timeline, timeline.of_session(boss.viewer, row["session_id"]))
    fits(history_schemas.Timeline, timeline.of_customer(boss.viewer, row["customer_id"], after=0))


def test_what_routes_a_chat_and_who_had_it(world: World, every_chat: list[int]) -> None:
    boss = world.colleague(role="supervisor").viewer
    condition = {"field": "words", "test": "any_word", "key": "", "values": ["refund"]}
    rule = {"id": None, "name": "Money", "enabled": True, "conditions": [condition], "team_id": None, "priority": 1}
    routing_actions.replace_rules(boss, [rule], 0)
    fits(admin.RoutingOut, routing.overview(boss))
    sample = admin.Sample().load({"text": "A refund"})
    fits(admin.RoutingTried, routing.tried(boss, [rule], sample))
    Desk.update(auto_assign=True, bot_enabled=False).execute()
    chat_id = world.waiting()
    assignment.sweep()
    for each in (*every_chat, chat_id):
        fits(chat_schemas.AssignmentList, assignments.of_chat(boss, each))
        for entry in worlds.stored(each):
            fits(MessageOut, shapes.message(entry))
    assert assignments.of_chat(boss, chat_id)["items"][0]["candidates"]


def test_what_a_visitor_gets(world: World) -> None:
    guest = world.guest()
    fits(visitor.VisitorState, visitors.state(guest.visitor))
    chat_id = world.waiting(guest)
    fits(visitor.VisitorState, visitors.state(guest.visitor))
    fits(visitor.VisitorPage, chats.visitor_sync(guest.visitor, chat_id, 0))
    fits(visitor.WidgetConfig, visitors.config())
    fits(visitor.HelpList, {"items": knowledge.help_articles("", 5)})


def test_a_customer_without_a_name_has_a_number(world: World) -> None:
    guest = world.guest()
    row = chats.row(world.waiting(guest))
    assert shapes.chat(row)["customer"]["name"] == f"Visitor {10_000 + guest.id}"
    assert one("select name from customer where id = %s", (guest.id,)) == {"name": None}


def test_every_shape_was_tried() -> None:
    """A function that is added to `shapes.py` is tried above, or this says so."""
    made = {name for name, each in inspect.getmembers(shapes, inspect.isfunction) if each.__module__ == shapes.__name__}
    helpers = {
        "customer_hue",
        "shown_name",
        "moment",
        "team_brief",
        "_with_links",
        "_public",
        "_channel",
    }  # the last is agent_brief by another name
    source = inspect.getsource(inspect.getmodule(fits))
    tried = {name for name in made if f"shapes.{name}(" in source}
    assert made - helpers - {"agent"} == tried, "agent() is tried through agents.out()"


def test_files(world: World) -> None:
    with incoming() as folder:
        named = uploads.announced(world.guest().visitor, "a.txt")
        (folder / "file").write_bytes(b"hello")
        row = uploads.received(world.guest().visitor, named, folder, folder / "file")
    fits(media_schemas.AttachmentOut, media.uploaded(row))
    (kept,) = attachments.said([row])
    fits(media_schemas.AttachmentOut, shapes.attachment(kept))
    fits(media_schemas.UploadLimits, media.limits())


def test_a_field_too_many_or_too_few_is_seen(world: World) -> None:
    whole = shapes.visitor_chat(chats.row(world.waiting()))
    for wrong in ({**whole, "all_seq": 7}, {key: value for key, value in whole.items() if key != "state"}):
        with pytest.raises(AssertionError):
            fits(visitor.VisitorChat, wrong)
