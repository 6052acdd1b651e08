"""Law 5: whatever can be called from outside says who may call it, and calls one action."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema

from models.live import CONSOLE, VISITOR
from models.schemas import events as wire
from tests.support import front
from tests.support.sources import Source, python

CALLERS = {"anybody", "visitor", "agent"}
# The document describes the desk; it is not part of what it describes.
BESIDE_THE_DOCUMENT = {"/api/openapi.json", "/api/docs", "/api/docs.css"}


def undeclared(app: Flask) -> list[str]:
    """Addresses that do not say who may call them."""
    return [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if getattr(getattr(app.view_functions[rule.endpoint], "declared_who", None), "kind", None) not in CALLERS
    ]


def differing(handled: Mapping[str, Any], asked: Mapping[str, wire.Asked]) -> list[str]:
    """Events that the table of the wire does not know, knows otherwise, or that nobody handles."""
    wrong = [f"{name} is handled and not on the wire" for name in handled.keys() - asked.keys()]
    wrong += [f"{name} is on the wire and not handled" for name in asked.keys() - handled.keys()]
    return wrong + [
        f"{name} takes {type(handled[name].takes).__name__}, the wire says {entry.takes.__name__}"
        for name, entry in asked.items()
        if name in handled and type(handled[name].takes) is not entry.takes
    ]


def test_every_route_declares_who_may_call_it() -> None:
    found = undeclared(front.application())
    assert not found, f"Permission that is not declared is permission that nobody decided: {found}"


def test_every_unsafe_route_of_agents_asks_more_than_being_signed_in() -> None:
    """Beside one's own session and ticket, whatever changes something needs a permission by name."""
    app = front.application()
    found = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if (caller := app.view_functions[rule.endpoint].declared_who).kind == "agent"
        and caller.permission is None
        and rule.rule not in {"/api/session", "/api/ticket"}
    ]
    assert not found, found


@pytest.mark.parametrize(("namespace", "asked"), [(CONSOLE, wire.FROM_CONSOLE), (VISITOR, wire.FROM_VISITOR)])
def test_every_event_is_on_the_wire_as_it_is_handled(namespace: str, asked: Mapping[str, wire.Asked]) -> None:
    found = differing(front.events()[namespace], asked)
    assert not found, f"The generated types and the document are made from the wire's table: {found}"


def test_every_event_declares_its_caller() -> None:
    console, visitor = front.events()[CONSOLE], front.events()[VISITOR]
    open_to_anybody = [name for name, handled in console.items() if handled.caller.permission is None]
    assert not open_to_anybody, f"A console event without a permission is open to every role: {open_to_anybody}"
    assert {handled.caller.kind for handled in visitor.values()} == {"visitor"}


def test_every_command_is_carried_out_by_one_action() -> None:
    front.application()
    from web import commands

    runs = {name: each.run for name, each in commands.CHAT_COMMANDS.items()} | commands.VISITOR_COMMANDS
    elsewhere = {name: run.__module__ for name, run in runs.items() if not run.__module__.startswith("models.actions.")}
    assert not elsewhere, f"A door that decides by itself decides differently from the other door: {elsewhere}"
    assert set(commands.VISITOR_COMMANDS) <= set(wire.FROM_VISITOR)


def test_both_doors_name_the_same_commands() -> None:
    front.application()
    from web import commands

    said = {text.value for source in python("web/api") for text in source.texts()}
    by_rest = said & commands.CHAT_COMMANDS.keys()
    assert by_rest == set(commands.CHAT_COMMANDS)
    by_socket = {name for name in wire.FROM_CONSOLE if name in commands.CHAT_COMMANDS}
    assert commands.CHAT_COMMANDS.keys() - by_socket == {"chat:tag", "chat:reason"}, "edited in a panel, not in a race"


def test_the_document_knows_every_api_route() -> None:
    paths = front.document()["paths"]
    missing = [
        f"{method} {rule.rule}"
        for rule in front.application().url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule not in BESIDE_THE_DOCUMENT
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if method.lower() not in paths.get(re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule), {})
    ]
    assert not missing, missing


def test_an_undeclared_route_is_seen() -> None:
    app = Flask("planted", static_folder=None)
    app.add_url_rule("/back-door", view_func=lambda: "come in", endpoint="back_door")
    assert undeclared(app) == ["/back-door (back_door)"]


def test_an_undeclared_event_is_seen() -> None:
    handled = front.events()[CONSOLE]
    planted = {**handled, "chat:erase": handled["chat:end"]}
    assert differing(planted, wire.FROM_CONSOLE) == ["chat:erase is handled and not on the wire"]
    less = {name: entry for name, entry in handled.items() if name != "chat:end"}
    assert differing(less, wire.FROM_CONSOLE) == ["chat:end is on the wire and not handled"]
    other = {**wire.FROM_CONSOLE, "chat:end": wire.FROM_CONSOLE["chat:end"]._replace(takes=Schema)}
    assert differing(handled, other)


def test_the_application_was_imported_without_patching_anything() -> None:
    """These laws run inside pytest: a patched standard library would change what every other test sees."""
    import sys

    front.application()
    assert not {"eventlet", "gevent"} & set(sys.modules)
    assert Source("", "").tree.body == []
