"""Play a scene and write down what its audience was told, in words that are the same every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.db import rows, run
from tests.contracts.scenes import Scene
from tests.support.people import count_from_one
from tests.support.told import Told

FOLDER = Path(__file__).parent
FOLLOWED = ("message:new", "chat:changed", "chat:receipt")  # what a screen makes chats of
BAD_LINE = ", twice and out of order"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)

Contract = dict[str, Any]


def number_from_one() -> None:
    """Every table counts from one again, and so do the names that tests make up."""
    for each in rows("select schemaname, sequencename from pg_sequences where schemaname = 'public'"):
        run("select setval(%s::regclass, 1, false)", (f"{each['schemaname']}.{each['sequencename']}",))
    count_from_one()


def name_of(scene: Scene) -> str:
    return scene.__name__.replace("_", " ")


def record(scene: Scene, told: Told) -> Contract:
    """Snapshot, every event its audience was told, and the snapshot after the last of them."""
    story = scene()
    audience = next(story)
    before = audience.snapshot()
    told.clear()
    for _ in story:
        raise AssertionError("a scene has one audience")
    heard = [[each.event, each.payload] for each in told.heard_in(*audience.rooms) if each.event in FOLLOWED]
    contract = {
        "name": name_of(scene),
        "view": audience.view,
        "snapshot": before,
        "events": heard,
        "final": audience.snapshot(),
    }
    return _same_every_time(contract)


def is_known_from_the_start(contract: Contract) -> bool:
    """Whether the snapshot has every chat of the story. Of an unknown one, the first number heard is where it begins."""
    chats = {each["chat_id"] for name, each in contract["events"] if name == "message:new"}
    return chats <= {each["id"] for each in contract["snapshot"]["chats"]}


def out_of_order(contract: Contract) -> Contract:
    """The same story on a bad line: every event twice, the second of each pair first. It must end the same."""
    events = contract["events"]
    swapped = [each for place in range(0, len(events), 2) for each in reversed(events[place : place + 2])]
    return {**contract, "name": f"{contract['name']}{BAD_LINE}", "events": [*swapped, *reversed(events)]}


def _same_every_time(contract: Contract) -> Contract:
    """Moments become seconds after a certain noon, in their order; what was waited is nothing."""
    text = json.dumps(contract, ensure_ascii=False)
    moments = sorted(set(MOMENT.findall(text)), key=datetime.fromisoformat)
    names = {moment: (NOON + timedelta(seconds=place)).isoformat() for place, moment in enumerate(moments)}
    told: Contract = json.loads(MOMENT.sub(lambda found: names[found.group()], text))
    for data in _all(told, "data"):
        if "waited_s" in data:
            data["waited_s"] = 0
    return told


def _all(value: Any, key: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get(key), dict):
            yield value[key]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _all(each, key)


def path_of(contract: Contract) -> Path:
    return FOLDER / f"{re.sub('[^a-z]+', '_', contract['name'])}.json"


def written(contract: Contract) -> str:
    """One event a line, so that a change can be read in a diff."""
    lines = [
        f' "name": {_line(contract["name"])},',
        f' "view": {_line(contract["view"])},',
        f' "snapshot": {_line(contract["snapshot"])},',
        ' "events": [',
        ",\n".join(f"  {_line(each)}" for each in contract["events"]),
        " ],",
        f' "final": {_line(contract["final"])}',
    ]
    return "\n".join(["{", *lines, "}", ""])


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
