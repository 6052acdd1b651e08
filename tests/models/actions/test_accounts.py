"""Accounts: made, changed, disabled; nobody can lock everybody out."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import accounts
from models.db import rows
from models.errors import Conflict, Invalid, NotFound, Refused
from models.live import Room
from models.queries import access, admin
from tests.support.people import Colleague, chat_of, chat_row, make_agent, make_customer, make_team
from tests.support.told import Told


@pytest.fixture
def root() -> Colleague:
    return make_agent("Ada Root", role="admin", status="away")


def account(agent_id: int) -> dict[str, Any]:
    return admin.account(agent_id)


def test_an_account_is_made_with_its_teams_and_limit(root: Colleague) -> None:
    orders = make_team("Orders")
    number = accounts.add(
        root.viewer,
        name="New Hand",
        email="New@Example.com",
        role="agent",
        password_hash="#",
        team_ids=[orders],
        own_limit=2,
    )
    made = account(number)
    assert (made["email"], made["role"], made["team_ids"], made["own_limit"], made["limit"]) == (
        "new@example.com", "agent", [orders], 2, 2,
    )  # fmt: skip
    assert (made["disabled"], made["status"], made["last_seen_at"]) == (False, "offline", None)


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"email": "nobody"}, "invalid"), ({"team_ids": [987_654]}, "unknown_team"), ({"email": "taken@example.com"}, "email_taken")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nobody_is_made(root: Colleague, facts: dict[str, Any], code: str) -> None:
    accounts.add(root.viewer, name="Taken", email="taken@example.com", role="agent", password_hash="#")
    before = rows("select count(*) from agent")
    with pytest.raises((Invalid, Conflict)) as refusal:
        accounts.add(
            root.viewer, **{"name": "X", "email": "x@example.com", "role": "agent", "password_hash": "#", **facts}
        )
    assert refusal.value.code == code
    assert rows("select count(*) from agent") == before


def test_supervisors_do_not_manage_accounts() -> None:
    boss, ana = make_agent("Sam Boss", role="supervisor"), make_agent("Ana Ruiz")
    for attempt in (
        lambda: accounts.change(boss.viewer, ana.id, role="admin"),
        lambda: accounts.new_password(boss.viewer, ana.id, "#"),
        lambda: accounts.add(boss.viewer, name="X", email="x@example.com", role="agent", password_hash="#"),
    ):
        with pytest.raises(Refused):
            attempt()


def test_whoever_may_no_longer_answer_gives_everything_back(root: Colleague, told: Told) -> None:
    ana = make_agent("Ana Ruiz")
    chat_id = chat_of(ana)
    accounts.change(root.viewer, ana.id, role="analyst")
    assert chat_row(chat_id)["state"] == "queued"
    assert account(ana.id)["role"] == "analyst"


def test_leaving_a_team_gives_its_chats_back_and_keeps_the_rest(root: Colleague) -> None:
    orders, billing = make_team("Orders"), make_team("Billing")
    ana = make_agent("Ana Ruiz", teams=(orders, billing))
    ours, theirs = make_customer().waits(topic="Orders"), make_customer().waits(topic="Billing")
    ana.takes(ours)
    ana.takes(theirs)
    accounts.change(root.viewer, ana.id, team_ids=[billing])
    assert (chat_row(ours)["state"], chat_row(theirs)["owner_id"]) == ("queued", ana.id)
    assert account(ana.id)["team_ids"] == [billing]


def test_disabling_signs_out_returns_chats_and_can_be_undone(root: Colleague, told: Told) -> None:
    ana = make_agent("Ana Ruiz")
    chat_id = chat_of(ana)
    accounts.change(root.viewer, ana.id, disabled=True)
    assert chat_row(chat_id)["state"] == "queued"
    assert access.viewer_by_session_id(ana.viewer.session_id) is None
    assert told.payloads("cut:off", Room.agent(ana.id)) == [{"reason": "disabled"}]
    assert account(ana.id)["disabled"]
    accounts.change(root.viewer, ana.id, disabled=False)
    assert not account(ana.id)["disabled"]


def test_a_new_password_ends_the_sign_ins_with_the_old_one(root: Colleague, told: Told) -> None:
    ana = make_agent("Ana Ruiz")
    accounts.new_password(root.viewer, ana.id, "a new hash")
    assert rows("select password_hash from agent where id = %s", (ana.id,)) == [{"password_hash": "a new hash"}]
    assert access.viewer_by_session_id(ana.viewer.session_id) is None
    assert told.payloads("cut:off", Room.agent(ana.id)) == [{"reason": "signed_out"}]
    assert "hash" not in str(rows("select before, after from audit_entry"))


def test_the_last_admin_stays(root: Colleague) -> None:
    with pytest.raises(Conflict) as refusal:
        accounts.change(root.viewer, root.id, role="agent")
    assert refusal.value.code == "last_admin"
    second = make_agent("Second Root", role="admin")
    accounts.change(root.viewer, second.id, disabled=True)
    with pytest.raises(Conflict):
        accounts.change(root.viewer, root.id, role="supervisor")
    accounts.change(root.viewer, second.id, disabled=False)
    accounts.change(root.viewer, root.id, role="supervisor")
    assert account(root.id)["role"] == "supervisor"


def test_nobody_disables_themselves(root: Colleague) -> None:
    make_agent("Second Root", role="admin")
    with pytest.raises(Invalid) as refusal:
        accounts.change(root.viewer, root.id, disabled=True)
    assert refusal.value.code == "yourself"


def test_an_unknown_account(root: Colleague) -> None:
    with pytest.raises(NotFound):
        accounts.change(root.viewer, 987_654, name="X")


def test_a_limit_lowered_under_the_load_takes_nothing_away(root: Colleague) -> None:
    ana = make_agent("Ana Ruiz")
    owned = [chat_of(ana), chat_of(ana)]
    accounts.change(root.viewer, ana.id, own_limit=1)
    assert ana.owned == owned
    assert account(ana.id)["limit"] == 1
    accounts.change(root.viewer, ana.id, own_limit=None)
    assert account(ana.id)["limit"] == 5
