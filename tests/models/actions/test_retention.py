"""Rules of retention: counted first, then a day to think about it, then gone, and only what they mean."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import retention
from models.db import one, rows, run
from models.errors import Conflict, NotFound, Refused
from models.queries import retention as read
from models.tables.customers import Channel
from models.tables.messages import Attachment
from tests.support import invariants
from tests.support.people import Colleague, chat_of, entries, let_time_pass, make_agent, make_customer

A_DAY = 86_400


@pytest.fixture
def ana() -> Colleague:
    return make_agent("Ana Ruiz", limit=50)


@pytest.fixture
def admin() -> Colleague:
    return make_agent("Kim Chief", role="admin", limit=50)


def ended(ana: Colleague, days_ago: float, reason: str = "resolved") -> int:
    chat_id = chat_of(ana)
    ana.ends(chat_id, reason)
    let_time_pass(chat_id, days_ago * A_DAY)
    return chat_id


def rule(admin: Colleague, what: str = "chats", after_days: int = 30, channel_id: int | None = None) -> int:
    return retention.add(admin.viewer, what=what, channel_id=channel_id, after_days=after_days)


def shown(number: int) -> dict[str, Any]:
    return next(each for each in read.rules()["items"] if each["id"] == number)


def a_day_later() -> None:
    run("update retention_rule set tried_at = tried_at - interval '25 hours'")


def left() -> list[int]:
    return [each["id"] for each in rows("select id from chat order by id")]


def test_nothing_goes_before_a_dry_run_has_stood_for_a_day(ana: Colleague, admin: Colleague) -> None:
    old, new, open_one = ended(ana, 31), ended(ana, 29), chat_of(ana)
    let_time_pass(open_one, 90 * A_DAY)
    number = rule(admin)
    assert (shown(number)["would_remove"], shown(number)["enabled"]) == (1, False)
    a_day_later()
    assert retention.sweep() == 0, "it is not switched on"
    retention.change(admin.viewer, number, enabled=True)
    assert retention.sweep() == 0, "a change begins the day anew"
    assert left() == [old, new, open_one]
    a_day_later()
    assert retention.sweep() == 1
    assert left() == [new, open_one]
    assert (shown(number)["removed"], bool(shown(number)["ran_at"])) == (1, True)
    invariants.assert_all_hold()


def test_another_age_is_counted_and_waits_again(ana: Colleague, admin: Colleague) -> None:
    ended(ana, 31)
    ended(ana, 8)
    number = rule(admin)
    retention.change(admin.viewer, number, enabled=True)
    a_day_later()
    retention.change(admin.viewer, number, after_days=7)
    assert shown(number)["would_remove"] == 2
    assert retention.sweep() == 0
    retention.try_out(admin.viewer, number)
    assert retention.sweep() == 0
    a_day_later()
    retention.change(admin.viewer, number, after_days=7)
    assert retention.sweep() == 2, "what changes nothing begins nothing anew"


def test_everything_of_a_chat_goes_and_nothing_else(
    ana: Colleague, admin: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 2)
    gone = [ended(ana, 40) for _ in range(5)]
    Attachment.create(
        token="t", chat=gone[0], message=entries(gone[0])[0]["id"], name="a.png", kind="image", content_type="image/png",
        size=1, storage_key="00/" + "0" * 64,
    )  # fmt: skip
    stays = ended(ana, 1)
    run("update chat set previous_chat_id = %s where id = %s", (gone[0], stays))
    number = rule(admin)
    retention.change(admin.viewer, number, enabled=True)
    a_day_later()
    assert retention.sweep() == 5
    assert left() == [stays]
    assert {each["chat_id"] for each in rows("select chat_id from message")} == {stays}
    assert len(rows("select * from session")) == 1
    assert rows("select storage_key from media_trash") == [{"storage_key": "00/" + "0" * 64}]


def test_a_chat_that_is_owed_a_word_stays(ana: Colleague, admin: Colleague) -> None:
    owed = ended(ana, 40, "follow_up")
    number = rule(admin)
    assert shown(number)["would_remove"] == 0
    run("update promise set state = 'kept', settled_at = now()")
    retention.try_out(admin.viewer, number)
    assert shown(number)["would_remove"] == 1
    assert left() == [owed]


def test_rules_are_for_one_channel_and_for_the_bots_own(ana: Colleague, admin: Colleague) -> None:
    handled, with_bot = ended(ana, 40), make_customer()
    with_bot.says()
    with_bot.ends()
    let_time_pass(with_bot.chat, 40 * A_DAY)
    other = Channel.create(kind="web", name="Other", public_key="other", allowed_origins=[]).id
    assert shown(rule(admin, "bot_chats"))["would_remove"] == 1
    assert shown(rule(admin, channel_id=other))["would_remove"] == 0
    run("update chat set channel_id = %s where id = %s", (other, handled))
    assert read.due({"what": "chats", "after_days": 30, "channel_id": other}) == 1
    with pytest.raises(Conflict) as twice:
        rule(admin, "bot_chats")
    assert twice.value.code == "rule_exists"


def test_files_go_and_their_names_stay(ana: Colleague, admin: Colleague) -> None:
    chat_id = ended(ana, 40)
    message = entries(chat_id)[0]["id"]
    run('update message set data = \'{"attachments": [{"name": "a.png"}]}\' where id = %s', (message,))
    Attachment.create(
        token="t", chat=chat_id, message=message, name="a.png", kind="image", content_type="image/png", size=1,
        storage_key="00/" + "0" * 64, created_at="2020-01-01T00:00:00Z",
    )  # fmt: skip
    number = rule(admin, "files")
    retention.change(admin.viewer, number, enabled=True)
    a_day_later()
    assert retention.sweep() == 1
    assert one("select data from message where id = %s", (message,)) == {"data": {"removed_files": ["a.png"]}}
    assert rows("select * from attachment") == []
    assert left() == [chat_id]


def test_rules_are_the_admins_and_audited(ana: Colleague, admin: Colleague) -> None:
    number = rule(admin)
    boss = make_agent("Sam Boss", role="supervisor")
    for refused in (
        lambda: rule(boss, "files"),
        lambda: retention.change(boss.viewer, number, enabled=True),
        lambda: retention.remove(ana.viewer, number),
        lambda: retention.try_out(boss.viewer, number),
    ):
        with pytest.raises(Refused):
            refused()
    retention.change(admin.viewer, number, enabled=True)
    retention.remove(admin.viewer, number)
    with pytest.raises(NotFound):
        retention.change(admin.viewer, number, enabled=True)
    assert [each["what"] for each in rows("select what from audit_entry where target = 'retention' order by id")] == [
        "added", "changed", "removed",
    ]  # fmt: skip
