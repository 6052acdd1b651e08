"""Signing in and out: one answer for every wrong try, a cookie nobody can read, a new session each time."""

from __future__ import annotations

import time
from http.cookies import SimpleCookie

import pytest
import requests

from models.actions.visitors import hashed
from models.db import one, rows
from tests.support import front as code
from tests.support import world as worlds
from tests.support.processes import desk
from tests.support.world import Colleague

PASSWORD = "four quiet green trees"

pytestmark = pytest.mark.usefixtures("limits_forgotten")


@pytest.fixture(scope="module")
def password_hash() -> str:
    code.application()
    from web import auth

    return auth._hasher.hash(PASSWORD)


@pytest.fixture
def ada(world, password_hash) -> Colleague:
    return worlds.hire("Ada", "agent", world.teams["Orders"], password_hash=password_hash)


def sign_in(front, email: str, password: str = PASSWORD, **more) -> requests.Response:
    return requests.post(f"{front.url}/api/session", json={"email": email, "password": password}, timeout=10, **more)


def cookie(answer: requests.Response):
    return SimpleCookie(answer.headers["Set-Cookie"])["parley"]


def test_the_right_password_opens_a_session(front, ada) -> None:
    answer = sign_in(front, "  ADA@desk.example ")
    assert answer.status_code == 200
    me = answer.json()
    assert me["agent"]["name"] == "Ada"
    assert me["permissions"] == ["chat.answer", "chat.read", "history.read"]
    found = cookie(answer)
    assert found["httponly"]
    assert found["samesite"] == "Lax"
    assert found["path"] == "/"
    assert not found["domain"]
    assert len(found.value) >= 43, "256 random bits"
    again = requests.get(f"{front.url}/api/session", cookies={"parley": found.value}, timeout=10)
    assert again.json() == me


def test_only_a_hash_of_the_session_is_stored(front, ada) -> None:
    token = cookie(sign_in(front, ada.email)).value
    kept = rows("select * from agent_session where agent_id = %s order by id desc limit 1", (ada.id,))[0]
    assert kept["token_hash"] == hashed(token)
    assert token not in str(kept)


def test_passwords_are_kept_as_argon2id(password_hash) -> None:
    kind, version, cost = password_hash.split("$")[1:4]
    assert kind == "argon2id"
    assert version == "v=19"
    memory = int(cost.split(",")[0].removeprefix("m="))
    assert memory >= 19 * 1024, "OWASP's least; ours is 64 MiB"


def test_every_wrong_try_gets_the_same_answer(front, ada) -> None:
    """Nobody learns which half was wrong, nor whether there is such an account, nor whether it was disabled."""
    rows("update agent set disabled_at = now() where email = 'billing.agent@desk.example'")
    tries = [
        sign_in(front, ada.email, "four quiet green bushes"),
        sign_in(front, "nobody@desk.example"),
        sign_in(front, "billing.agent@desk.example"),
        sign_in(front, "orders.agent@desk.example", "its hash is no hash at all"),
    ]
    assert {each.status_code for each in tries} == {401}
    assert len({each.content for each in tries}) == 1
    assert tries[0].json()["code"] == "wrong_credentials"
    assert all("Set-Cookie" not in each.headers for each in tries)


def test_an_unknown_account_takes_as_long_as_a_wrong_password(front, ada) -> None:
    def quickest(email: str) -> float:
        taken = []
        for _ in range(4):
            started = time.perf_counter()
            sign_in(front, email, "wrong")
            taken.append(time.perf_counter() - started)
        return min(taken)

    sign_in(front, "somebody@desk.example", "wrong")  # the hash that nobody has is made at its first use
    known, unknown = quickest(ada.email), quickest("nobody@desk.example")
    assert 0.5 < unknown / known < 2, f"{known:.3f} s against {unknown:.3f} s tells who has an account"


def test_the_sixth_try_on_an_account_must_wait(front, ada) -> None:
    for _ in range(5):
        assert sign_in(front, ada.email, "wrong").status_code == 401
    refused = sign_in(front, ada.email.upper(), headers={"X-Forwarded-For": "203.0.113.9"})
    assert refused.status_code == 429, "neither capitals, nor the right password, nor another address helps"
    assert refused.json()["code"] == "too_many"
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60


def test_an_address_that_tries_many_accounts_must_wait(front, world) -> None:
    seen = [
        sign_in(front, f"guess{number}@desk.example", headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(21)
    ]
    assert seen == [401] * 20 + [429], "a forged X-Forwarded-For is not believed without a proxy"


def test_signing_in_never_continues_a_session_that_was_brought_along(front, ada) -> None:
    """Fixation: the cookie somebody planted is not the one that becomes valuable."""
    planted = "planted-by-somebody-else-planted-by-somebody"
    answer = sign_in(front, ada.email, cookies={"parley": planted})
    fresh = cookie(answer).value
    assert fresh != planted
    assert requests.get(f"{front.url}/api/session", cookies={"parley": planted}, timeout=10).status_code == 401
    assert cookie(sign_in(front, ada.email, cookies={"parley": fresh})).value != fresh


def test_signing_out_ends_the_session_for_good(house, ada) -> None:
    console = house.console(ada)
    assert console.get("/api/session").status_code == 200
    answer = console.request("DELETE", "/api/session")
    assert answer.status_code == 204
    assert SimpleCookie(answer.headers["Set-Cookie"])["parley"]["max-age"] == "0"
    stolen = requests.get(f"{house.front.url}/api/session", cookies={"parley": ada.token}, timeout=10)
    assert stolen.status_code == 401
    assert stolen.json()["code"] == "signed_out"


@pytest.mark.parametrize(
    "change",
    [
        "update agent_session set seen_at = now() - interval '12 hours 1 minute' where token_hash = %s",
        "update agent_session set expires_at = now() - interval '1 second' where token_hash = %s",
        "update agent_session set ended_at = now() where token_hash = %s",
    ],
    ids=["idle for twelve hours", "seven days old", "ended"],
)
def test_a_session_that_is_over_opens_nothing(house, ada, change) -> None:
    console = house.console(ada)
    assert console.get("/api/overview").status_code == 200
    rows(change, (hashed(ada.token),))
    assert console.get("/api/overview").status_code == 401


@pytest.mark.parametrize("value", ["", "x", "' or 1=1 --", "%00", "a" * 4000])
def test_a_made_up_cookie_is_nobody(front, world, value) -> None:
    assert requests.get(f"{front.url}/api/session", cookies={"parley": value}, timeout=10).status_code == 401


def test_the_hash_itself_is_no_key(house, ada) -> None:
    """Whoever reads the table still cannot sign in with what is in it."""
    answer = requests.get(f"{house.front.url}/api/session", cookies={"parley": hashed(ada.token)}, timeout=10)
    assert answer.status_code == 401


def test_behind_tls_the_cookie_is_pinned_to_this_host(database, ada) -> None:
    with desk(parts=("web",), env={"PARLEY_PUBLIC_URL": "https://desk.example"}) as running:
        answer = sign_in(running, ada.email)
        found = SimpleCookie(answer.headers["Set-Cookie"])["__Host-parley"]
        assert found["secure"]
        assert found["httponly"]
        assert found["path"] == "/"
        assert not found["domain"]
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_without_a_secret_of_its_own_the_front_does_not_start(database) -> None:
    import os
    import subprocess
    import sys

    for secret in ("", "changeme"):
        said = subprocess.run(
            [sys.executable, "-m", "web"],
            env={**os.environ, "PARLEY_SECRET_KEY": secret},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert said.returncode == 2
        assert "PARLEY_SECRET_KEY" in said.stderr


def test_a_fresh_desk_has_nobody_to_sign_in_as(clean) -> None:
    assert one("select count(*) as n from agent") == {"n": 0}
