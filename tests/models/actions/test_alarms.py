"""What does not get out, or in, calls people: once for each outbreak, by screen and by letter, until it is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli import doctor
from models.actions import alarms, channels, deliveries, telling, webhooks
from models.channels.outgoing import Checked
from models.db import db, one, rows, run
from models.errors import NotFound, Refused
from models.queries import alarms as read
from models.settings import settings
from tests.support.people import Colleague, chat_of, make_agent, make_customer
from tests.support.post_office import PostOffice, post_office
from tests.support.told import Told
from workers import mailing


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with post_office() as found:
        monkeypatch.setenv("PARLEY_MAIL_URL", found.url)
        settings.cache_clear()
        yield found
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def boss() -> Colleague:
    return make_agent("Ada Boss", role="admin")


@pytest.fixture
def bot(boss: Colleague) -> int:
    """A channel that works."""
    number = channels.created(boss.viewer, "telegram", "Shop bot", {"token": "123456:a-token-of-a-bot"})
    run("update channel set check_due_at = null, connected = true where id = %s", (number,))
    return number


def on_its_way(channel_id: int, *, minutes: int = 0, state: str = "queued") -> int:
    """A message that was to go out by the channel so long ago."""
    agent = make_agent()
    chat_id = chat_of(agent, make_customer())
    message = agent.says(chat_id, "It is on its way.")
    found = one(
        "insert into delivery (message_id, chat_id, channel_id, pub_seq, state, queued_at, settled_at)"
        " values (%(message)s, %(chat)s, %(channel)s, 1, %(state)s, clock_timestamp() - make_interval(mins => %(minutes)s),"
        " case when %(state)s = 'queued' then null else clock_timestamp() end) returning id",
        {
            "message": message.row["id"],
            "chat": chat_id,
            "channel": channel_id,
            "state": state,
            "minutes": minutes,
        },
    )
    assert found is not None
    number: int = found["id"]
    return number


def standing() -> list[dict[str, Any]]:
    alarms.sweep()
    return read.everything()


def test_what_goes_its_way_is_no_alarm(bot: int, told: Told) -> None:
    on_its_way(bot)
    on_its_way(bot, state="sent", minutes=60)
    on_its_way(bot, state="failed", minutes=60)  # refused at once, and shown on the message
    told.clear()
    assert standing() == []
    assert told.tellings == []


@pytest.mark.parametrize(
    ("paused_why", "waiting"),
    [(None, 1), ("agent", 0), ("unauthorized", 1)],
    ids=["working", "paused by people", "paused by a fault"],
)
def test_what_waits_for_too_long_is_an_alarm_unless_people_hold_it(
    bot: int, paused_why: str | None, waiting: int
) -> None:
    run(
        "update channel set paused_why = %(why)s, paused_at = case when %(why)s::text is null then null"
        " else clock_timestamp() end where id = %(id)s",
        {"why": paused_why, "id": bot},
    )
    on_its_way(bot, minutes=9)
    assert standing() == []
    on_its_way(bot, minutes=11)
    assert [each["waiting"] for each in standing()] == [1] * waiting


def test_a_channel_that_is_not_let_in_is_an_alarm_though_nothing_waits(bot: int) -> None:
    channels.checked(bot, Checked(False, "Unauthorized", "unauthorized"))
    assert standing() == []
    run("update channel set paused_at = paused_at - interval '11 minutes' where id = %s", (bot,))
    (found,) = standing()
    assert (found["cut_off"], found["name"], found["error"]) == (True, "Shop bot", "Unauthorized")
    channels.changed(make_agent(role="admin").viewer, bot, 2, filled={"token": "123456:another-token-of-it"})
    assert standing() == []


def test_an_outbreak_is_told_once_counted_while_it_lasts_and_over_by_itself(
    bot: int, boss: Colleague, told: Told
) -> None:
    first = on_its_way(bot, minutes=11, state="dead")
    told.clear()
    assert alarms.sweep() == 1
    assert told.payloads("catalogue:changed", "desk") == [{"what": "alarms"}]
    assert alarms.sweep() == 0
    assert len(told.tellings) == 1, "what has not changed is not told"

    second = on_its_way(bot, minutes=11, state="dead")
    (found,) = standing()
    assert found["dead"] == 2
    for each in (first, second):
        deliveries.retried(boss.viewer, each)
    assert standing() == []
    assert one("select count(*)::int as n from alarm where ended_at is not null") == {"n": 1}


def test_who_has_looked_at_what_was_lost_ends_the_alarm_until_more_is(bot: int, boss: Colleague) -> None:
    on_its_way(bot, state="dead")
    run(
        "insert into inbound (channel_id, provider_id, sender, body, state, settled_at)"
        " values (%s, '1', 'x', '', 'dead', clock_timestamp())",
        (bot,),
    )
    assert [(each["dead"], each["unread"]) for each in standing()] == [(1, 1)]
    alarms.seen(boss.viewer, bot)
    assert standing() == []
    on_its_way(bot, minutes=11)
    alarms.seen(boss.viewer, bot)
    assert [each["waiting"] for each in standing()] == [1], "what waits is not looked away"
    with pytest.raises(Refused):
        alarms.seen(make_agent().viewer, bot)
    with pytest.raises(NotFound):
        alarms.seen(boss.viewer, 99_999)


def test_a_webhook_that_was_switched_off_is_one_and_only_who_keeps_them_hears(boss: Colleague) -> None:
    hook, _ = webhooks.add(boss.viewer, name="CRM", url="https://93.184.216.34/", events=["chat.ended"], internal=False)
    run(
        "update webhook set failures = 9, failing_since = clock_timestamp() - interval '30 days' where id = %s", (hook,)
    )
    telling.sweep()
    (found,) = standing()
    assert (found["about"], found["about_id"], found["name"]) == ("webhook", hook, "CRM")
    assert len(read.standing(boss.viewer)["items"]) == 1
    assert read.standing(make_agent(role="supervisor").viewer)["items"] == []
    run("update webhook set state = 'on' where id = %s", (hook,))
    assert standing() == []


def test_admins_get_one_letter_for_each_outbreak(bot: int, boss: Colleague, office: PostOffice) -> None:
    make_agent(role="supervisor")
    run("update agent set disabled_at = clock_timestamp() where id = %s", (make_agent("Gone", role="admin").id,))
    lost = on_its_way(bot, state="dead")
    alarms.sweep()
    mailing.send_due()
    on_its_way(bot, minutes=12)
    alarms.sweep()
    mailing.send_due()
    (letter,) = office.letters
    assert rows("select email from agent where id = %s", (boss.id,)) == [{"email": office.to[0]}]
    body = letter.get_body(("plain",))
    assert body is not None
    assert letter["Subject"] == "Fernhill: messages do not get through by Shop bot"
    assert "Shop bot: 1 message was given up after ten minutes." in body.get_content()
    assert f"/settings/channels/{bot}" in body.get_content()

    deliveries.retried(boss.viewer, lost)
    run("update delivery set queued_at = clock_timestamp()")
    assert standing() == []
    on_its_way(bot, minutes=11)
    alarms.sweep()
    mailing.send_due()
    assert len(office.letters) == 2


def test_a_letter_whose_alarm_is_over_is_not_sent(bot: int, boss: Colleague, office: PostOffice) -> None:
    deliveries_lost = on_its_way(bot, state="dead")
    alarms.sweep()
    deliveries.retried(boss.viewer, deliveries_lost)
    alarms.sweep()
    mailing.send_due()
    assert office.letters == []
    assert rows("select id from mail") == []


def test_the_doctor_says_what_is_stuck(bot: int) -> None:
    with db.connection().cursor() as cursor:
        assert [each.well for each in doctor.stuck(cursor)] == [True]
    on_its_way(bot, state="dead")
    alarms.sweep()
    with db.connection().cursor() as cursor:
        (finding,) = doctor.stuck(cursor)
    assert not finding.well
    assert (finding.says, finding.way_on) == (
        "Shop bot: 1 message was given up after ten minutes.",
        "Settings → Channels → Shop bot says what it is.",
    )


def test_looking_for_it_reads_no_message_that_goes_its_way(bot: int) -> None:
    run("set enable_seqscan = off")
    try:
        with db.connection().cursor() as cursor:
            cursor.execute("explain " + alarms._LOOK, {"late": alarms.GIVE_UP})
            plan = "\n".join(each[0] for each in cursor.fetchall())
    finally:
        run("reset enable_seqscan")
    assert "Seq Scan on delivery" not in plan
    assert "Seq Scan on inbound" not in plan
