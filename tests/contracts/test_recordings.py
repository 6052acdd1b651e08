"""What the server tells is what the front end was built against.

The front end replays these files through its own store (`web/frontend/tests/contracts.test.ts`).
When a scene tells something else on purpose, write them anew and read the diff:

    WRITE_CONTRACTS=1 .venv/bin/pytest tests/contracts
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from models.schemas.events import TO_CONSOLE, TO_VISITOR
from tests.contracts.recording import (
    BAD_LINE,
    FOLDER,
    Contract,
    is_known_from_the_start,
    name_of,
    number_from_one,
    out_of_order,
    path_of,
    record,
    written,
)
from tests.contracts.scenes import SCENES, Scene
from tests.support.invariants import assert_all_hold
from tests.support.people import open_desk
from tests.support.told import Told, listening

WRITES = bool(os.environ.get("WRITE_CONTRACTS"))


@pytest.fixture
def told(clean: None) -> Iterator[Told]:
    with listening() as told:
        number_from_one()
        open_desk()
        yield told


@pytest.fixture(params=SCENES, ids=lambda scene: scene.__name__)
def contract(request: pytest.FixtureRequest, told: Told) -> Contract:
    scene: Scene = request.param
    return record(scene, told)


def test_the_recordings_are_what_the_server_tells_today(contract: Contract) -> None:
    assert_all_hold()
    for each in (contract, *([out_of_order(contract)] if is_known_from_the_start(contract) else [])):
        if WRITES:
            path_of(each).write_text(written(each))
        assert json.loads(path_of(each).read_text()) == each, "tell it on purpose? See the top of this file."


def test_every_event_has_its_declared_shape(contract: Contract) -> None:
    shapes = TO_CONSOLE if contract["view"] == "console" else TO_VISITOR
    for name, payload in contract["events"]:
        shapes[name]().load(payload)


def test_the_customer_hears_every_number_once_and_nothing_of_the_house(contract: Contract) -> None:
    numbers: dict[int, list[int]] = {}
    for name, payload in contract["events"]:
        if name == "message:new" and payload["pub_seq"] is not None:
            numbers.setdefault(payload["chat_id"], []).append(payload["pub_seq"])
    for heard in numbers.values():
        assert heard == list(range(heard[0], heard[0] + len(heard)))
    if contract["view"] == "visitor":
        assert not [
            word for word in ("all_seq", "end_reason", "Please be kind", "Will call") if word in written(contract)
        ]


def test_no_recording_is_left_over_from_a_scene_that_is_gone() -> None:
    names = {json.loads(path.read_text())["name"].removesuffix(BAD_LINE) for path in FOLDER.glob("*.json")}
    assert names == {name_of(scene) for scene in SCENES}
