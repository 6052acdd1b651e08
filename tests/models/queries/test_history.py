"""The history: every criterion by itself and with others, every order, pages without holes, counts that stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from models.db import run
from models.errors import Invalid
from models.queries import history
from models.rules.narrowing import Narrowing
from models.tables.chats import Chat
from models.tables.customers import Channel
from models.tables.desk import Tag
from models.tables.knowledge import Service
from models.tables.messages import Attachment
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    entries,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
)


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Sam Boss", role="supervisor", limit=50)


def found(reader: Colleague, *, sort: str = "newest", **wanted: Any) -> list[int]:
    return [each["id"] for each in history.page(reader.viewer, Narrowing(**wanted), sort=sort)["items"]]


def turned(pages: Callable[[str | None], dict[str, Any]]) -> list[int]:
    """All ids of a list, page after page."""
    ids: list[int] = []
    after = None
    while True:
        page = pages(after)
        ids += [each["id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            return ids


def ended(by: Colleague, reason: str = "resolved", note: str = "", **customer: Any) -> int:
    chat_id = chat_of(by, make_customer(**customer) if customer else None)
    by.ends(chat_id, reason, note)
    return chat_id


def test_all_chats_are_those_that_ended_and_ones_own_are_open_as_well(ana: Colleague, boss: Colleague) -> None:
    first, second = ended(ana), ended(boss)
    going_on = chat_of(ana)
    assert found(ana) == [second, first]
    assert found(ana, scope="mine") == [going_on, first]
    assert found(ana, scope="mine", state="ended") == [first]
    assert found(boss, state="any") == [going_on, second, first]
    assert found(boss, state="open") == [going_on]


def test_ones_own_are_those_one_ever_had(ana: Colleague, boss: Colleague) -> None:
    chat_id = chat_of(ana)
    ana.hands(chat_id, boss)
    boss.ends(chat_id)
    assert found(ana, scope="mine") == found(boss, scope="mine") == [chat_id]
    assert found(make_agent("Ben Hale"), scope="mine") == []


@pytest.mark.parametrize("sort", ["newest", "oldest", "longest", "lowest_rating"])
@pytest.mark.parametrize("limit", [1, 2, 7])
def test_every_order_turns_its_pages_without_a_hole_or_a_repeat(sort: str, limit: int, ana: Colleague) -> None:
    ids = [ended(ana) for _ in range(7)]
    for place, chat_id in enumerate(ids):
        run("update chat set created_at = created_at - make_interval(secs => %s) where id = %s", (place % 3, chat_id))
        run("update chat set rating = %s where id = %s", (1 + place % 3, chat_id))
    # two that ended at the same moment
    run("update chat set ended_at = (select ended_at from chat where id = %s) where id = %s", (ids[0], ids[1]))
    whole = found(ana, sort=sort)
    assert sorted(whole) == ids
    wanted = Narrowing()
    assert turned(lambda after: history.page(ana.viewer, wanted, sort=sort, limit=limit, after=after)) == whole
    rows = [chat_row(each) for each in whole]
    match sort:
        case "newest":
            assert [row["ended_at"] for row in rows] == sorted((row["ended_at"] for row in rows), reverse=True)
        case "oldest":
            assert [row["ended_at"] for row in rows] == sorted(row["ended_at"] for row in rows)
        case "longest":
            lengths = [row["ended_at"] - row["created_at"] for row in rows]
            assert lengths == sorted(lengths, reverse=True)
        case _:
            assert [row["rating"] for row in rows] == sorted(row["rating"] for row in rows)


def test_open_and_ended_chats_share_their_pages(boss: Colleague) -> None:
    ids = [ended(boss), ended(boss), chat_of(boss), chat_of(boss)]
    for limit in (1, 2, 3):
        for sort, expected in (("newest", ids[::-1]), ("oldest", [ids[0], ids[1], ids[2], ids[3]])):
            wanted = Narrowing(state="any")
            turning = turned(
                lambda after, s=sort, m=limit, w=wanted: history.page(boss.viewer, w, sort=s, limit=m, after=after)
            )
            assert turning == expected


@pytest.mark.parametrize("marker", ["", "x", "1|2|3", "yesterday|1", "open|0", "open|x", f"open|{2**70}", "||"])
@pytest.mark.parametrize("sort", ["newest", "longest"])
def test_a_page_marker_that_is_not_ours_is_refused(marker: str, sort: str, ana: Colleague) -> None:
    with pytest.raises(Invalid):
        history.page(ana.viewer, Narrowing(), sort=sort, after=marker)


def test_each_criterion_finds_what_fits_it_alone(ana: Colleague, boss: Colleague) -> None:
    orders = make_team("Orders")
    shop = Channel.create(kind="web", name="Other", public_key="other", allowed_origins=[]).id
    plants = Service.create(key="plants", name="Plants", answer="Yes.").id
    plain = ended(ana)
    other = chat_of(boss, make_customer("Otto Berg"))
    run("update chat set team_id = %s, channel_id = %s, service_id = %s where id = %s", (orders, shop, plants, other))
    boss.ends(other, "follow_up")
    run("update chat set rating = 2 where id = %s", (other,))
    assert found(boss) == [other, plain]
    for wanted in (
        {"team_ids": (orders,)},
        {"channel_ids": (shop,)},
        {"service_ids": (plants,)},
        {"agent_ids": (boss.id,)},
        {"reasons": ("follow_up", "time_waster")},
        {"ratings": (1, 2)},
        {"customer_id": chat_row(other)["customer_id"]},
    ):
        assert found(boss, **wanted) == [other], wanted
    assert found(boss, agent_ids=(ana.id, boss.id), reasons=("resolved",)) == [plain]
    assert found(boss, team_ids=(orders,), reasons=("resolved",)) == []


def test_a_chat_has_all_of_the_tags_that_are_asked_for(ana: Colleague) -> None:
    urgent, refund = (Tag.create(name=name, hue=1).id for name in ("urgent", "refund"))
    both, one = ended(ana), ended(ana)
    ana.tags(both, urgent, refund)
    ana.tags(one, urgent)
    assert found(ana, tag_ids=(urgent,)) == [one, both]
    assert found(ana, tag_ids=(urgent, refund)) == [both]


def test_causes_and_the_bots_own_chats(ana: Colleague) -> None:
    with_bot, waiting = make_customer(), make_customer()
    with_bot.says()
    with_bot.ends()
    waiting.waits()
    waiting.leaves()
    handled = ended(ana)
    assert found(ana, bot_only=True) == [with_bot.chat]
    assert found(ana, bot_only=False) == [handled, waiting.chat]
    cause = str(chat_row(waiting.chat)["end_cause"])
    assert found(ana, causes=(cause, "merged")) == [waiting.chat]


def test_files_and_escalations_are_asked_for_and_excluded(ana: Colleague) -> None:
    plain, with_file, offered = ended(ana), ended(ana), ended(ana)
    message = entries(with_file)[0]["id"]
    Attachment.create(
        token="t", chat=with_file, message=message, name="a.png", kind="image", content_type="image/png", size=1,
        storage_key="00/" + "0" * 64,
    )  # fmt: skip
    run("update chat set escalations = 1 where id = %s", (offered,))
    assert found(ana, has_media=True) == [with_file]
    assert found(ana, has_media=False) == [offered, plain]
    assert found(ana, escalated=True) == [offered]
    assert found(ana, escalated=False, has_media=False) == [plain]


def test_dates_are_those_of_the_end_and_the_second_is_not_included(boss: Colleague) -> None:
    old, new = ended(boss), ended(boss)
    let_time_pass(old, 86_400)
    open_one = chat_of(boss)
    between = chat_row(old)["ended_at"] + timedelta(hours=1)
    assert found(boss, state="any", from_at=between) == [open_one, new]
    assert found(boss, state="any", to_at=between) == [old]
    assert found(boss, to_at=chat_row(old)["ended_at"]) == []
    assert found(boss, from_at=chat_row(old)["ended_at"], to_at=between) == [old]


def test_nobody_finds_what_they_may_not_see() -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    ana, ben = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Ben Hale", teams=(returns,))
    hidden = make_customer().waits(topic="Returns")
    ben.takes(hidden)
    ben.ends(hidden)
    assert found(ana) == found(ana, team_ids=(returns,)) == found(ana, agent_ids=(ben.id,)) == []
    page = history.page(ana.viewer, Narrowing())
    assert (page["total"], page["capped"]) == (0, False)
    assert found(ben) == [hidden]


def test_counting_stops_and_says_so(ana: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        ended(ana)
    whole = history.page(ana.viewer, Narrowing(), limit=2)
    assert (whole["total"], whole["capped"]) == (4, False)
    assert history.page(ana.viewer, Narrowing(), after=whole["next"])["total"] is None
    monkeypatch.setattr(history, "COUNTED", 3)
    cut = history.page(ana.viewer, Narrowing(), limit=2)
    assert (cut["total"], cut["capped"]) == (3, True)


def test_a_rated_chat_without_an_owner_stands_in_every_order(ana: Colleague) -> None:
    customer = make_customer()
    customer.says()
    customer.ends()
    Chat.update(rating=3).where(Chat.id == customer.chat).execute()
    for sort in ("newest", "oldest", "longest", "lowest_rating"):
        assert found(ana, sort=sort) == [customer.chat]
