"""What the desk owes after a chat, over HTTP: promises, follow-ups, transcripts, end reasons, and answers by e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.db import one, rows
from models.schemas.catalogue import EndReasonList, EndReasonOut
from models.schemas.messages import MessageOut
from models.schemas.promises import FollowUpOut, PromiseOut, PromisePage
from models.schemas.visitor import VisitorChat, VisitorSent, WidgetConfig
from tests.support.world import CHANNEL_KEY, ROLES, fresh_id


def soon(**by: float) -> str:
    return (datetime.now(UTC) + timedelta(**by)).isoformat()


def ended_with_a_promise(house: Any, **promise: Any) -> tuple[Any, int, dict[str, Any]]:
    """A console, the chat it ended, and the promise that came of it."""
    owner = house.world.colleague()
    console, chat_id = house.console(owner), house.world.active(owner)
    answer = console.post(f"/api/chats/{chat_id}/end", {"reason": "follow_up", "promise": promise or None})
    assert answer.status_code == 200, answer.text
    page = console.get("/api/promises").json()
    assert PromisePage().validate(page) == {}
    return console, chat_id, page["items"][0]


def fits(shape: Any, answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    assert shape().validate(found) == {}, found
    return found


def test_a_promise_from_its_making_to_its_keeping(house) -> None:
    console, chat_id, promise = ended_with_a_promise(house, due_at=soon(days=2), note="Refund")
    log = console.get(f"/api/chats/{chat_id}/messages").json()["messages"]
    assert MessageOut().validate(log[-1]) == {}
    assert log[-1]["data"]["promise"]["id"] == promise["id"]
    moved = fits(PromiseOut, console.request("PATCH", f"/api/promises/{promise['id']}", {"due_at": soon(days=3)}))
    assert (moved["due_at"] > promise["due_at"], moved["note"]) == (True, "Refund")
    body = {"body": "Your refund is on its way.", "client_id": fresh_id(), "promise_id": promise["id"]}
    begun = fits(FollowUpOut, console.post(f"/api/chats/{chat_id}/follow-up", body), 201)
    assert (begun["chat"]["state"], begun["chat"]["previous_chat_id"]) == ("active", chat_id)
    assert begun["message"]["body"] == body["body"]
    again = console.post(f"/api/chats/{chat_id}/follow-up", body)
    assert again.json()["chat"]["id"] == begun["chat"]["id"]
    settled = console.get("/api/promises?state=settled").json()["items"]
    assert [(each["id"], each["state"], each["kept_chat_id"]) for each in settled] == [
        (promise["id"], "kept", begun["chat"]["id"])
    ]
    refusal = console.post(f"/api/chats/{chat_id}/follow-up", {**body, "client_id": fresh_id(), "promise_id": None})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "already_open")
    assert refusal.json()["chat_id"] == begun["chat"]["id"]


@pytest.mark.parametrize(
    ("promise", "code", "field"),
    [
        ({"due_at": "2020-01-01T00:00:00+00:00"}, "bad_date", "due_at"),
        ({"due_at": "2120-01-01T00:00:00+00:00"}, "bad_date", "due_at"),
        ({"due_at": "tomorrow"}, "invalid", "promise"),
        ({"due_at": "2027-01-01T00:00:00"}, "invalid", "promise"),
        ({"owner_id": 987_654}, "cannot_answer", "owner_id"),
        ({"note": "x" * 501}, "invalid", "promise"),
    ],
)
def test_a_bad_promise_ends_nothing(house, promise: dict[str, Any], code: str, field: str) -> None:
    owner = house.world.colleague()
    console, chat_id = house.console(owner), house.world.active(owner)
    answer = console.post(f"/api/chats/{chat_id}/end", {"reason": "follow_up", "promise": promise})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert field in answer.json()["fields"]
    assert console.get(f"/api/chats/{chat_id}").json()["chat"]["state"] == "active"


@pytest.mark.parametrize(
    ("reason", "note", "code"), [("other", "  ", "reason_required"), ("sold", "", "unknown_reason")]
)
def test_others_with_two_blanks_and_a_reason_nobody_knows(house, reason: str, note: str, code: str) -> None:
    owner = house.world.colleague()
    console, chat_id = house.console(owner), house.world.active(owner)
    answer = console.post(f"/api/chats/{chat_id}/end", {"reason": reason, "note": note})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what_with_a_colleagues_promise(house, role: str) -> None:
    _, _, promise = ended_with_a_promise(house)
    colleague = house.console(house.world.colleague("Billing", role))
    wanted = {"agent": 404, "analyst": 403}.get(role, 200)
    path = f"/api/promises/{promise['id']}"
    assert colleague.request("PATCH", path, {"note": "Soon"}).status_code == wanted
    assert colleague.post(f"{path}/settle", {"state": "kept", "note": "Called"}).status_code == wanted
    seen = colleague.get("/api/promises?scope=all&state=settled").json()
    assert seen["total"] == (1 if wanted == 200 else 0)


def test_settling_needs_a_note(house) -> None:
    console, _, promise = ended_with_a_promise(house)
    for body in ({"state": "kept"}, {"state": "kept", "note": "  "}, {"state": "open", "note": "Hm, no"}):
        assert console.post(f"/api/promises/{promise['id']}/settle", body).status_code == 422


@pytest.mark.parametrize("role", ROLES)
def test_end_reasons_are_read_by_all_and_kept_by_admins(house, role: str) -> None:
    console = house.console(house.world.colleague(role=role))
    assert len(fits(EndReasonList, console.get("/api/end-reasons"))["items"]) == 5
    added = console.post("/api/end-reasons", {"label": "Sent to repair", "needs_note": True})
    changed = console.request("PATCH", "/api/end-reasons/other", {"hint": "Say why"})
    if role != "admin":
        assert {added.status_code, changed.status_code} == {403}
        return
    assert fits(EndReasonOut, added, 201)["code"] == "sent_to_repair"
    assert fits(EndReasonOut, changed)["hint"] == "Say why"
    refused = console.request("PATCH", "/api/end-reasons/other", {"label": "Anything"})
    assert (refused.status_code, refused.json()["code"]) == (422, "builtin")
    assert console.request("PATCH", "/api/end-reasons/sold", {"hint": "Hm"}).status_code == 404


# --- Transcripts --------------------------------------------------------------------------------------


def test_a_transcript_as_a_file(house) -> None:
    owner = house.world.colleague()
    console, chat_id = house.console(owner), house.world.ended(owner)
    house.world.note(owner, chat_id, "Was angry.")
    answer = console.get(f"/api/chats/{chat_id}/transcript")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="chat-{chat_id}.txt"'
    assert "Is anybody there?" in answer.text
    assert "angry" not in answer.text
    assert "Was angry." in console.get(f"/api/chats/{chat_id}/transcript?notes=true").text
    stranger = house.console(house.world.colleague("Billing"))
    assert stranger.get(f"/api/chats/{chat_id}/transcript").status_code == 404


def test_a_transcript_by_email(house, limits_forgotten) -> None:
    owner, guest = house.world.colleague(), house.world.guest()
    console, widget = house.console(owner), house.widget(guest)
    chat_id = house.world.active(owner, guest)
    path, email = f"/api/chats/{chat_id}/transcript", {"email": "ada@example.com"}
    own = f"/api/visitor/chats/{chat_id}/transcript"
    assert [each.status_code for each in (console.post(path, email), widget.post(own, email))] == [409, 409]
    console.post(f"/api/chats/{chat_id}/end", {"reason": "resolved"})
    assert [each.status_code for each in (console.post(path, email), widget.post(own, email))] == [202, 202]
    assert house.console(house.world.colleague(role="analyst")).post(path, email).status_code == 403
    assert house.widget().post(own, email).status_code == 404
    wrong = widget.post(own, {"email": "ada@example"})
    assert (wrong.status_code, "email" in wrong.json()["fields"]) == (422, True)
    assert [each["kind"] for each in rows("select kind from mail")] == ["transcript", "transcript"]


def test_nobodys_letter_box_is_filled_through_us(house, limits_forgotten) -> None:
    owner = house.world.colleague()
    console, chat_id = house.console(owner), house.world.ended(owner)
    path = f"/api/chats/{chat_id}/transcript"
    answers = [console.post(path, {"email": "victim@example.com"}).status_code for _ in range(11)]
    assert answers == [202] * 10 + [429]
    assert console.post(path, {"email": "VICTIM@example.com"}).status_code == 429
    assert console.post(path, {"email": "other@example.com"}).status_code == 202


# --- Answers by e-mail --------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["REST", "socket"])
def test_a_customer_leaves_an_address_instead_of_waiting(house, limits_forgotten, door: str) -> None:
    guest = house.world.guest()
    widget, chat_id = house.widget(guest), house.world.waiting(guest)
    if door == "REST":
        chat = fits(VisitorChat, widget.post(f"/api/visitor/chats/{chat_id}/email", {"email": "ada@example.com"}))
    else:
        with widget.socket() as socket:
            bad = socket.ask("chat:email", {"chat_id": chat_id, "email": "ada"})
            assert bad["error"]["code"] == "invalid"
            chat = socket.ask("chat:email", {"chat_id": chat_id, "email": "ada@example.com"})["data"]
    assert (chat["state"], chat["reply_by_email"]) == ("queued", True)
    assert house.widget().post(f"/api/visitor/chats/{chat_id}/email", {"email": "a@example.com"}).status_code == 404
    assert widget.get("/api/visitor/state").json()["email"] == "ada@example.com"


def test_a_message_is_left_for_when_somebody_is_there(house, limits_forgotten) -> None:
    widget = house.widget()
    body = {"client_id": fresh_id(), "body": "Call me", "email": "ada@example.com", "name": "Ada", "topic": "Billing"}
    sent = fits(VisitorSent, widget.post("/api/visitor/leave", body), 201)
    assert (sent["chat"]["state"], sent["chat"]["team_name"]) == ("queued", "Billing")
    assert sent["chat"]["reply_by_email"]
    again = widget.post("/api/visitor/leave", body).json()
    assert again["message"]["id"] == sent["message"]["id"]
    for wrong in ({"email": "ada"}, {"body": " "}, {"email": "a@b.example\r\nBcc: c@d.example"}):
        answer = widget.post("/api/visitor/leave", {**body, "client_id": fresh_id(), **wrong})
        assert (answer.status_code, set(wrong) <= set(answer.json()["fields"])) == (422, True), answer.text
    assert one("select count(*)::int as n from message where kind = 'text'") == {"n": 1}


def test_the_widget_knows_whether_letters_can_be_sent_and_when_the_desk_opens(house) -> None:
    from models.tables.desk import Desk
    from models.tables.people import Team

    Desk.update(hours={"time_zone": "Europe/Berlin", "week": [], "holidays": []}).execute()
    days = [{"day": day, "hours": [{"opens": "00:00", "closes": "24:00"}]} for day in range(7)]
    Team.update(hours={"time_zone": "Europe/Berlin", "week": days, "holidays": []}).where(
        Team.name == "Billing"
    ).execute()
    config = house.widget().get("/api/widget/config", params={"key": CHANNEL_KEY}).json()
    assert WidgetConfig().validate(config) == {}
    assert config["mail"] is True
    assert {each["name"]: each["opens_at"] for each in config["topics"]} == {"Orders": None, "Billing": None}
    boss = house.console(house.world.colleague(role="supervisor"))
    overview = boss.get("/api/overview").json()
    assert {each["name"]: each["open"] for each in overview["teams"]} == {"Orders": False, "Billing": True}
    assert boss.get("/api/session").json()["desk"]["mail"] is True
