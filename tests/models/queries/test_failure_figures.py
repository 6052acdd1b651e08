"""The figures of the review, against a small world that was counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from models.actions import failures
from models.actions.conversation import customer_draft, say
from models.db import one, rows, run, transaction
from models.queries import failure_figures
from models.queries.knowledge import literal
from models.rules.learned import Reading
from tests.support import world as worlds
from tests.support.failing import MODEL, cluster_of, meaning, place_all
from tests.support.world import Guest, World, fresh_id

DAY = 24


@pytest.fixture
def world(clean: None) -> World:
    built = worlds.build(bot=True)
    run("update desk set reopen_s = 0")  # who writes again begins another session
    return built


def asks(
    world: World, outcomes: Sequence[str], axis: int, *, hours_ago: float, guest: Guest | None = None, **facts: Any
) -> Guest:
    """A session with the bot: `answered`, `missed` (which is kept as a failure) or `small_talk` a turn; then what became of it."""
    guest = guest or world.guest()
    run(
        "update chat set state = 'ended', ended_at = now(), end_cause = 'customer_left' where customer_id = %s and state <> 'ended'",
        (guest.id,),
    )
    chat_id = 0
    for number, outcome in enumerate(outcomes):
        text = f"question {number} about thing {axis}"
        chat_id = say(customer_draft(guest.visitor, client_id=fresh_id(), body=text)).chat_id
        said = one("select max(id) as id from message where chat_id = %s", (chat_id,))
        assert said is not None
        vector = meaning(axis, number)
        run(
            "insert into bot_turn (message_id, chat_id, outcome, question, bot_version, model_id, embedding, at)"
            " values (%s, %s, %s, %s, 'v', %s, %s::vector, now() - make_interval(secs => %s))",
            (said["id"], chat_id, outcome, text, MODEL, literal(vector), 3600 * hours_ago - number),
        )
        if outcome == "missed":
            with transaction():
                failures.capture(chat_id, said["id"], text, "low_confidence", reading=Reading(vector, MODEL))
    run(
        "update session set created_at = now() - make_interval(secs => %s) where id = (select session_id from chat where id = %s)",
        (3600 * hours_ago + 60, chat_id),
    )
    if facts.get("queued"):
        run("update chat set queued_at = now() where id = %s", (chat_id,))
    if "stars" in facts:
        run("update chat set rating = %s where id = %s", (facts["stars"], chat_id))
    if "helped" in facts:
        run(
            "insert into answer_feedback (message_id, chat_id, customer_id, helped)"
            " select max(id), chat_id, %s, %s from message where chat_id = %s group by chat_id",
            (guest.id, facts["helped"], chat_id),
        )
    return guest


def counted(world: World) -> dict[str, Any]:
    viewer = world.colleague(role="analyst").viewer
    now = one("select now() as now")
    assert now is not None
    found: dict[str, Any] = failure_figures.report(
        viewer, since=now["now"] - timedelta(days=20), until=now["now"] - timedelta(days=4)
    )
    return found


def test_each_share_is_what_was_counted_by_hand(world) -> None:
    asks(world, ["answered", "answered"], 1, hours_ago=10 * DAY, helped=True)  # confirmed by a thumb
    asks(world, ["answered"], 2, hours_ago=10 * DAY)  # assumed: never back
    asks(world, ["answered", "missed", "missed"], 3, hours_ago=10 * DAY, queued=True)  # a person had to help
    asks(world, ["missed"], 4, hours_ago=9 * DAY)  # left without an answer
    back = asks(world, ["answered"], 5, hours_ago=10 * DAY)  # asks the same a day later: neither
    asks(world, ["answered"], 5, hours_ago=9 * DAY, guest=back)  # assumed
    later = asks(world, ["answered"], 6, hours_ago=10 * DAY)  # asks the same five days later: assumed, not net
    asks(world, ["answered"], 6, hours_ago=5 * DAY, guest=later)  # assumed
    asks(world, ["answered"], 7, hours_ago=10 * DAY, helped=False)  # after a complaint
    asks(world, ["small_talk"], 8, hours_ago=10 * DAY)  # no bot session: nothing was looked up
    asks(world, ["answered"], 9, hours_ago=10 * DAY, stars=5)  # confirmed by stars
    other = asks(world, ["answered"], 10, hours_ago=25 * DAY)  # of the period before, like the next
    asks(world, ["missed"], 11, hours_ago=25 * DAY, guest=other)
    found = {each["name"]: each for each in counted(world)["figures"]}
    assert {name: (each["part"], each["whole"]) for name, each in found.items()} == {
        "fallback_rate": (3, 13),
        "session_fallback_rate": (2, 10),
        "double_fallback_rate": (1, 10),
        "containment": (9, 10),
        "net_containment": (7, 10),
        "confirmed_resolution": (2, 10),
        "assumed_resolution": (4, 10),
        "abandoned": (2, 10),
    }
    assert found["fallback_rate"]["share"] == pytest.approx(3 / 13)
    assert found["fallback_rate"]["before"] == 0.5
    days = counted(world)["days"]
    assert sum(each["sessions"] for each in days) == 10
    assert [each["failed_turns"] for each in days if each["failed_turns"]] == [2, 1]


def test_the_backlog_and_what_a_fix_was_good_for(world) -> None:
    assert counted(world)["backlog"] == {"clusters": 0, "people": 0, "singles": 0, "median_age_s": None}
    open_one = cluster_of(world)
    for number in range(2):
        asks(world, ["missed"], 40 + number, hours_ago=1)
    place_all()
    run("update cluster set first_seen_at = now() - interval '3 days' where id = %s", (open_one,))

    fixed = cluster_of(world, "Can I change my address", place=20, size=9)
    members = [
        each["id"] for each in rows("select id from failed_response where cluster_id = %s order by id", (fixed,))
    ]
    run("update failed_response set created_at = now() - interval '10 days' where id = any(%s)", (members[:8],))
    run("update failed_response set created_at = now() - interval '1 day' where id = %s", (members[8],))
    run(
        "update cluster set status = 'resolved', reason = 'fixed', first_seen_at = now() - interval '21 days',"
        " proved_at = now() - interval '18 days', fixed_at = now() - interval '7 days' where id = %s",
        (fixed,),
    )
    run(
        "insert into replay (cluster_id, purpose, state, total, done, fixed, failing, finished_at)"
        " values (%s, 'after', 'done', 10, 10, 9, 1, now())",
        (fixed,),
    )
    found = counted(world)
    assert found["backlog"] == {
        "clusters": 1,
        "people": 3,
        "singles": 2,
        "median_age_s": pytest.approx(3 * 86_400, abs=60),
    }
    [fix] = found["fixes"]
    assert (fix["cluster"]["id"], fix["percent"], fix["reopened"]) == (fixed, 90, 0)
    assert (fix["before_week"], fix["after_week"]) == (4.0, 1.0), "eight in the two weeks before, one in the week since"
    assert fix["time_to_fix_s"] == found["median_time_to_fix_s"] == 3 * 86_400
