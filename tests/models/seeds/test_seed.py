"""The demo desk as it lies in the database: whole, lively, and the same after a second run."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.actions import chat_log
from models.db import connection, one, rows
from models.seeds.desk import seed_demo
from models.tables.chats import Chat

COUNTED = (
    "desk channel team agent team_member tag canned_message service service_phrase article article_chunk"
    " customer identity session chat message assignment chat_tag failed_response timer"
    " attribute customer_note routing_rule promise mention escalation escalation_answer broadcast recipient notice"
).split()

pytestmark = pytest.mark.keeps_data


def plant(origin: str = "http://127.0.0.1:8000") -> None:
    seed_demo(passwords=lambda email: f"hash of {email}", channel_key="test-channel", origins=[origin])


@pytest.fixture(scope="module", autouse=True)
def demo(wiper):
    """One demo desk for all tests of this file."""
    wiper.wipe()
    with connection():
        plant()
    yield
    wiper.wipe()


def counts() -> dict[str, int]:
    return {table: one(f"select count(*) as n from {table}")["n"] for table in COUNTED}


def test_nothing_is_empty():
    assert [table for table, count in counts().items() if not count] == []
    assert 350 <= counts()["chat"] <= 470


def test_a_second_run_adds_nothing_and_changes_nothing_that_people_changed():
    before = counts()
    rows("update service set answer = 'Ours.' where key = 'track_order' returning id")
    rows("update customer set name = 'Ada' where name = 'Adaeze Okonkwo' returning id")
    plant()
    assert counts() == before
    assert one("select answer from service where key = 'track_order'")["answer"] == "Ours."
    assert one("select count(*) as n from customer where name = 'Ada'")["n"] == 1


def test_a_desk_that_moved_gains_an_origin():
    plant("http://127.0.0.1:9000")
    allowed = one("select allowed_origins as sites from channel where public_key = 'test-channel'")["sites"]
    assert {"http://127.0.0.1:8000", "http://127.0.0.1:9000"} <= set(allowed)


def test_numbers_have_no_gaps():
    """I3: both counters of every chat run from 1 to the chat's own number."""
    assert not rows(
        "select c.id from chat c join message m on m.chat_id = c.id group by c.id"
        " having max(m.all_seq) <> count(*) or min(m.all_seq) <> 1 or max(m.all_seq) <> c.all_seq"
        " or max(m.pub_seq) <> count(m.pub_seq) or min(m.pub_seq) <> 1 or max(m.pub_seq) <> c.pub_seq"
    )
    assert not rows("select c.id from chat c where not exists (select from message m where m.chat_id = c.id)")


def test_time_only_moves_on_and_never_into_the_future():
    assert not rows(
        "select m.id from message m join message later on later.chat_id = m.chat_id"
        " where later.all_seq = m.all_seq + 1 and later.created_at < m.created_at"
    )
    assert one("select max(created_at) < clock_timestamp() as ok from message")["ok"]
    oldest = one("select min(created_at) as at from chat")["at"]
    assert chat_log.db_now() - oldest > timedelta(days=28)


def test_owners_are_those_of_the_open_intervals():
    """I6: at most one open interval a chat, and it is the owner's."""
    assert not rows(
        "select c.id from chat c left join assignment a on a.chat_id = c.id and a.to_at is null"
        " where c.owner_id is distinct from a.agent_id"
    )
    assert not rows("select chat_id from assignment where to_at is null group by chat_id having count(*) > 1")


def test_folding_the_log_gives_the_row():
    """I14: what the events say they changed is what the chat looks like."""
    folded: dict[int, dict] = {}
    for entry in rows("select chat_id, change from message where change is not null order by chat_id, all_seq"):
        folded.setdefault(entry["chat_id"], {}).update(entry["change"])
    chats = {chat["id"]: chat for chat in Chat.select().dicts()}
    assert {chat_id for chat_id, chat in chats.items() if chat["state"] == "bot"}.isdisjoint(folded)
    for chat_id, columns in folded.items():
        for name, value in columns.items():
            stored = chats[chat_id][name]
            said = datetime.fromisoformat(value) if isinstance(stored, datetime) else value
            assert stored == said, (chat_id, name)


def test_each_change_is_one_version():
    assert not rows(
        "select c.id from chat c left join message m on m.chat_id = c.id and m.change is not null"
        " group by c.id having c.version <> 1 + count(m.id)"
    )


def test_somebody_waits_and_somebody_is_being_helped_now():
    states = {each["state"]: each["n"] for each in rows("select state, count(*) as n from chat group by state")}
    assert (states["queued"], states["active"]) == (3, 3)
    assert not rows(
        "select id from chat c where state = 'queued' and not exists"
        " (select from timer t where t.chat_id = c.id and t.kind = 'queue_max' and t.state = 'armed')"
    )
    assert one("select max(agent_read_seq - pub_seq) as ahead from chat")["ahead"] <= 0


def test_every_failure_of_the_bot_is_kept_with_its_question():
    missed = one("select count(*) as n from message where data ->> 'failed' = 'true'")["n"]
    at_once = "select count(*) as n from failed_response where trigger = 'low_confidence'"
    assert missed == one(at_once)["n"] >= 60
    assert {each["trigger"] for each in rows("select distinct trigger from failed_response")} >= {
        "low_confidence",
        "thumbs_down",
        "person_after_answer",
    }
    assert not rows(
        "select f.id from failed_response f join message m on m.id = f.message_id"
        " where m.body <> f.text or m.author_kind <> 'customer' or m.chat_id <> f.chat_id"
    )


def test_the_bots_turns_and_what_customers_thought_of_them_are_known():
    known = one(
        "select (select count(*) from bot_turn where outcome = 'answered' and service_id is not null) as answered,"
        " (select count(*) from answer_feedback where helped) as up, (select count(*) from answer_feedback where not helped) as down,"
        " (select count(*) from failed_response where answer is not null) as told"
    )
    assert min(known.values()) >= 5, known


def test_issues_go_on_in_further_chats():
    continued = rows(
        "select c.id, c.session_id = before.session_id as same_issue, c.created_at >= before.ended_at as later"
        " from chat c join chat before on before.id = c.previous_chat_id"
    )
    assert len(continued) >= 5
    assert all(each["same_issue"] and each["later"] for each in continued)


def test_no_slot_was_left_open():
    assert not rows(r"select body from message where body ~ '\{\w+\}'")
