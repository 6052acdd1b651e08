"""The settings of channels: who may, what is said, and what is never said again."""

from __future__ import annotations

import pytest

from models.db import one, run
from tests.support.world import ROLES

TOKEN = "123456:a-token-of-a-bot"
BODY = {"kind": "telegram", "name": "Shop bot", "filled": {"token": TOKEN}}


def made(house) -> dict:
    answer = house.console(house.world.colleague(role="admin")).post("/api/channels", BODY)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_touch_channels(house, role) -> None:
    channel = made(house)
    console = house.console(house.world.colleague(role=role))
    may, at = role in ("supervisor", "admin"), f"/api/channels/{channel['id']}"
    tries = [
        ("POST", "/api/channels", BODY, 201),
        ("GET", at, None, 200),
        ("PATCH", at, {"name": "Other", "version": channel["version"]}, 200),
        ("POST", f"{at}/test", None, 200),
        ("POST", f"{at}/pause", None, 200),
        ("POST", f"{at}/resume", None, 200),
        ("GET", f"{at}/lost", None, 200),
        ("POST", f"{at}/lost/seen", None, 200),
        ("POST", "/api/inbound/1/retry", None, 409),
        ("DELETE", at, None, 204),
        ("GET", at, None, 404),
    ]
    for method, path, body, status in tries:
        assert console.request(method, path, body).status_code == (status if may else 403), f"{method} {path}"
    expected = 403 if role == "analyst" else 404
    assert console.request("POST", "/api/deliveries/1/retry", None).status_code == expected


def test_a_channels_row_says_how_it_is_and_never_its_secret(house) -> None:
    channel = made(house)
    assert channel["state"] == "new"
    assert channel["checking"] is True
    assert channel["secret_tails"] == {"token": TOKEN[-4:]}
    assert channel["address"].endswith(f"/hooks/telegram/{channel['public_key']}")
    console = house.console(house.world.colleague(role="admin"))
    for path in ("/api/channels", f"/api/channels/{channel['id']}", "/api/audit"):
        answer = console.get(path)
        assert answer.status_code == 200
        assert TOKEN not in answer.text


def website(house) -> tuple[dict, str]:
    """The website's channel as the settings have it, and where it is changed."""
    items = house.console(house.world.colleague(role="admin")).get("/api/channels").json()["items"]
    (found,) = [each for each in items if each["kind"] == "web"]
    return found, f"/api/channels/{found['id']}/website"


@pytest.mark.parametrize("role", ROLES)
def test_who_may_say_where_the_chat_is_shown(house, role) -> None:
    channel, at = website(house)
    may = role in ("supervisor", "admin")
    answer = house.console(house.world.colleague(role=role)).request(
        "PATCH", at, {"version": channel["version"], "sites": []}
    )
    assert answer.status_code == (200 if may else 403)


def test_the_chat_is_shown_where_the_settings_say_and_nowhere_else(house) -> None:
    admin = house.console(house.world.colleague(role="admin"))
    channel, at = website(house)
    assert channel["address"] == f"{house.front.url}/w.js"
    key, shop = channel["public_key"], "https://new-shop.example"

    def config() -> tuple[str | None, str]:
        asked = admin.get(f"/api/widget/config?key={key}", headers={"Origin": shop})
        framed = admin.get(f"/w/frame?key={key}").headers["Content-Security-Policy"]
        return asked.headers.get("Access-Control-Allow-Origin"), framed

    assert config()[0] is None
    given = {"version": channel["version"], "sites": ["New-Shop.example/cart", shop]}
    changed = admin.request("PATCH", at, given).json()
    assert changed["sites"] == [shop]
    allowed, policy = config()
    assert allowed == shop
    assert f"frame-ancestors 'self' {shop};" in f"{policy};"
    stale = admin.request("PATCH", at, given)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    for wrong in ("https://a.example; script-src *", "https://*", "https://"):
        refused = admin.request("PATCH", at, {"version": changed["version"], "sites": [shop, wrong]})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_site")
    assert (
        admin.request(
            "PATCH", at, {"version": changed["version"], "sites": [f"s{n}.example" for n in range(51)]}
        ).status_code
        == 422
    )
    assert config()[0] == shop, "what is refused changes nothing"
    (noted,) = [each for each in admin.get("/api/audit").json()["items"] if each["target"] == "channel"]
    assert noted["after"] == {"sites": [shop]}
    admin.request("PATCH", at, {"version": changed["version"], "sites": []})
    assert config()[0] is None
    provider = made(house)
    assert (
        admin.request("PATCH", f"/api/channels/{provider['id']}/website", {"version": 1, "sites": []}).status_code
        == 404
    )
    assert admin.request("PATCH", f"/api/channels/{channel['id']}", {"version": 3, "name": "x"}).status_code == 404


def test_nobody_calls_for_a_mailbox_so_it_has_no_address(house) -> None:
    run("insert into channel (kind, name, public_key, allowed_origins) values ('email', 'Mail', 'm', '{}')")
    channels = house.console(house.world.colleague(role="admin")).get("/api/channels").json()["items"]
    assert [each["address"] for each in channels if each["kind"] == "email"] == [None]


def test_a_secret_that_is_not_given_stays_and_a_form_with_mistakes_says_where(house) -> None:
    channel = made(house)
    console = house.console(house.world.colleague(role="admin"))
    at = f"/api/channels/{channel['id']}"
    before = one("select secrets from channel where id = %s", (channel["id"],))
    assert console.request("PATCH", at, {"name": "Shop", "version": 1}).json()["name"] == "Shop"
    assert one("select secrets from channel where id = %s", (channel["id"],)) == before
    assert console.request("PATCH", at, {"name": "Late", "version": 1}).json()["code"] == "stale"
    answer = console.post("/api/channels", {"kind": "telegram", "name": "x", "filled": {"tokn": "1"}})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]["filled"]) == {"token", "tokn"}
    assert console.post("/api/channels", {**BODY, "kind": "web"}).json()["code"] == "unknown_kind"


def test_what_its_provider_sends_is_kept_before_it_is_answered(house) -> None:
    import requests

    from tests.support.telegram import SECRET, update, word

    channel = made(house)
    url = f"{house.front.url}/hooks/telegram/{channel['public_key']}"
    headers = {SECRET: word(channel["public_key"], TOKEN)}
    for _ in range(3):
        assert (
            requests.post(url, json=update(text="Hi") | {"update_id": 7}, headers=headers, timeout=10).status_code
            == 200
        )
    assert requests.post(url, json=update(text="Hi"), headers={SECRET: "x"}, timeout=10).status_code == 404
    assert requests.post(url, data=b"x" * (1024 * 1024 + 1), headers=headers, timeout=10).status_code == 413
    assert one("select count(*)::int as n from inbound where channel_id = %s", (channel["id"],)) == {"n": 1}
    run("delete from inbound")


@pytest.mark.parametrize("role", ROLES)
def test_who_may_save_a_mail_as_it_came(house, role) -> None:
    world, raw = house.world, b"From: ada@example.com\r\n\r\n<script>alert(1)</script>\r\n"
    chat_id = world.waiting()
    channel = one(
        "insert into channel (kind, name, public_key, allowed_origins) values ('email', 'Mail', 'm', '{}') returning id"
    )
    message = one("select id from message where chat_id = %s and author_kind = 'customer'", (chat_id,))
    run("insert into inbound (channel_id, provider_id, sender, body, state, settled_at, message_id, chat_id)"
        " values (%s, '1', 'x', %s, 'done', clock_timestamp(), %s, %s)",
        (channel["id"], b"W" + bytes(8) + raw, message["id"], chat_id))  # fmt: skip
    at = f"/api/chats/{chat_id}/messages/{message['id']}/original"
    answer = house.console(world.colleague(role=role)).get(at)
    assert (answer.status_code, answer.content) == (200, raw)
    assert answer.headers["Content-Type"].startswith("message/rfc822")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    other = house.console(world.colleague("Billing", role)).get(at)
    assert other.status_code == (404 if role == "agent" else 200)
    assert (
        house.console(world.colleague(role=role)).get(at.replace(f"/{chat_id}/", f"/{chat_id + 1}/")).status_code == 404
    )
