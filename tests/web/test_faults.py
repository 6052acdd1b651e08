"""Things break: a front is killed, Redis goes, hangs, comes back empty, Postgres restarts. Nothing acked is lost."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from cli import account, migrate, ports
from cli.postgres import Postgres
from cli.valkey import Valkey
from models.actions import visitors
from models.db import connect, connection, db, rows
from models.live import CONSOLE
from tests.support import services
from tests.support import world as worlds
from tests.support.clients import Console, Refused, Socket, Widget
from tests.support.processes import Desk, desk
from tests.support.world import fresh_id, stored

pytestmark = pytest.mark.timeout(180)

ROOMY = {"PARLEY_RATE_FACTOR": "100", "PARLEY_MAX_IN_FLIGHT": "500"}


@pytest.fixture
def own_redis() -> Iterator[Valkey]:
    """A Redis that this test alone may hurt."""
    home = services._fresh_home()
    server = services.start_redis(home, "hurt")
    yield server
    with suppress(ProcessLookupError):
        os.kill(server.process.pid, signal.SIGCONT)
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def own_postgres(settings, clean: None) -> Iterator[Postgres]:
    """A durable Postgres that this test alone may hurt, with this process and its world in it."""
    home = services._fresh_home()
    server = Postgres(home / "postgres", ports.any_free(), "hurt-me-gently", account.service_account())
    server.start()
    server.ensure_database("hurt")
    migrate.migrate(server.url("hurt"))
    db.close_all()  # the pool would lend out a connection to the old one
    connect(replace(settings, database_url=server.url("hurt")))
    with connection():
        yield server
    db.close_all()
    connect(settings)
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


def texts(chat_id: int) -> list[str]:
    return [each["body"] for each in stored(chat_id) if each["kind"] == "text"]


def within(patience: float, look: Callable[[], object]) -> float:
    """Seconds until `look` saw something; fails when it takes longer than `patience`."""
    started = time.monotonic()
    while not look():
        assert time.monotonic() - started < patience, f"not within {patience:.0f} s"
        time.sleep(0.05)
    return time.monotonic() - started


def acked(socket: Socket, sent: dict[int, str]) -> set[str]:
    """The words that were acknowledged."""
    return {sent[number] for number, answer in socket._acks.items() if number in sent and answer["ok"]}


def resend(running: Desk, owner, drafts: list[dict]) -> None:
    """What a page does after it comes back: everything without an ack, with the same ids."""
    with Console(running.url, owner).socket() as again:
        for draft in drafts:
            assert again.ask("message:send", draft)["ok"]


# --- the front --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["killed", "asked to stop"])
def test_a_front_that_goes_in_the_middle_takes_nothing_acked_with_it(database, world, how) -> None:
    """F06, F08."""
    owner = world.colleague()
    chat_id = world.active(owner)
    with desk(parts=("web",), env=ROOMY) as running:
        live = Socket(running.url)
        live.join(CONSOLE, {"ticket": visitors.ticket_for(owner.viewer)})
        drafts = [{"chat_id": chat_id, "client_id": fresh_id(), "body": f"n{place:03}"} for place in range(150)]
        sent = {live.send("message:send", draft): draft["body"] for draft in drafts}
        live.ack(20, 20)
        if how == "killed":
            running.kill("web")
        else:
            assert running.terminate("web") == 0, "an orderly end says so"
        assert live.wait_closed(5)
        known = acked(live, sent)
        assert len(known) >= 20
        assert known <= set(texts(chat_id)), "acked means stored, whatever happened next"

        running.start("web")
        running.wait_until_ready()
        resend(running, owner, [draft for draft in drafts if draft["body"] not in known])
    assert sorted(texts(chat_id)[1:]) == [draft["body"] for draft in drafts], "each once"
    numbers = [each["all_seq"] for each in stored(chat_id)]
    assert numbers == list(range(1, len(numbers) + 1))


# --- Redis ------------------------------------------------------------------------------------------------


def test_while_redis_hangs_words_are_stored_and_acked(database, world, own_redis) -> None:
    """F10: nobody waits for a push, nor for a nudge to a worker."""
    owner, guest = world.colleague(), world.guest()
    chat_id = world.active(owner, guest)
    with (
        desk(parts=("web",), env={"REDIS_URL": own_redis.url(), **ROOMY}) as running,
        Console(running.url, owner).socket() as agent,
        Widget(running.url, guest).socket() as customer,
        Widget(running.url, world.guest()).socket() as newcomer,
    ):
        os.kill(own_redis.process.pid, signal.SIGSTOP)
        slowest, until = 0.0, time.monotonic() + 5
        while time.monotonic() < until:
            for socket, more in ((agent, {"chat_id": chat_id}), (customer, {})):
                started = time.monotonic()
                assert socket.ask("message:send", {"client_id": fresh_id(), "body": "still here", **more})["ok"]
                slowest = max(slowest, time.monotonic() - started)
            time.sleep(0.05)
        assert slowest < 1.5, f"an ack took {slowest:.1f} s"
        started = time.monotonic()
        entered = newcomer.ask("message:send", {"client_id": fresh_id(), "body": "a new chat"}, patience=20)
        assert entered["ok"], "what needs a worker is stored too; a sweep finds it"
        assert time.monotonic() - started < 1.5, f"a nudge held its sender up for {time.monotonic() - started:.1f} s"
        os.kill(own_redis.process.pid, signal.SIGCONT)


def test_a_deaf_bus_heals_and_heads_bridge_the_time(database, world, own_redis) -> None:
    """F09: Redis is killed and comes back empty. Two fronts, so that nothing is heard without it."""
    owner, guest = world.colleague(), world.guest()
    chat_id = world.active(owner, guest)
    env = {"REDIS_URL": own_redis.url(), **ROOMY}
    with (
        desk(parts=("web",), env=env) as first,
        desk(parts=("web",), env=env) as second,
        Console(first.url, owner).socket() as agent,
        Widget(second.url, guest).socket() as customer,
    ):
        customer.ask("message:send", {"client_id": fresh_id(), "body": "before"})
        agent.hear("message:new", lambda m: m["body"] == "before")

        own_redis.process.kill()
        own_redis.process.wait()
        missed = customer.ask("message:send", {"client_id": fresh_id(), "body": "meanwhile"})["data"]["message"]
        head = agent.hear("heads", lambda d: any(h["seq"] >= missed["pub_seq"] for h in d["heads"]), 25)
        page = agent.ask("chat:sync", {"chat_id": chat_id, "after": head["heads"][0]["seq"] - 1})["data"]
        assert page["messages"][-1]["body"] == "meanwhile", "the screen asks for what its head says is there"

        own_redis.start()
        number = 0

        def heard_again() -> bool:
            nonlocal number
            number += 1
            assert customer.ask("message:send", {"client_id": fresh_id(), "body": f"after {number}"})["ok"]
            time.sleep(0.2)
            return any(str(each.data.get("body", "")).startswith("after") for each in list(agent.heard))

        within(5, heard_again)


def test_without_redis_the_doors_stay_guarded_and_open_chats_go_on(database, world, own_redis) -> None:
    """Limits on signing in fail closed (half of them, counted in the process); a conversation fails open."""
    import requests

    owner = world.colleague()
    chat_id = world.active(owner)
    with desk(parts=("web",), env={"REDIS_URL": own_redis.url(), **ROOMY}) as running:
        own_redis.process.kill()
        own_redis.process.wait()
        tries = [
            requests.post(
                f"{running.url}/api/session", json={"email": owner.email, "password": "wrong"}, timeout=20
            ).status_code
            for _ in range(4)
        ]
        assert tries == [401, 401, 429, 429]
        console = Console(running.url, owner)
        said = console.post(
            f"/api/chats/{chat_id}/messages", {"client_id": fresh_id(), "body": "Still here."}, timeout=20
        )
        assert said.status_code == 201
        ready = requests.get(f"{running.ops_url}/health/ready", timeout=10)
        assert ready.status_code == 503
        assert ready.json()["checks"]["redis"] is False
        assert requests.get(f"{running.ops_url}/health/live", timeout=10).status_code == 200


# --- Postgres ---------------------------------------------------------------------------------------------


def test_a_postgres_that_restarts_at_once_is_an_outage_and_no_loss(own_postgres) -> None:
    """F21: no false acks; `busy` meanwhile; the same socket is served again within ten seconds."""
    world = worlds.build()
    owner = world.colleague()
    chat_id = world.active(owner)
    with desk(parts=("web",), env={"DATABASE_URL": own_postgres.url("hurt"), **ROOMY}) as running:
        console = Console(running.url, owner)
        with console.socket() as agent:
            sent: dict[int, str] = {}
            drafts = []

            def say(body: str) -> dict:
                draft = {"chat_id": chat_id, "client_id": fresh_id(), "body": body}
                drafts.append(draft)
                number = agent.send("message:send", draft)
                sent[number] = body
                return agent.ack(number, 20)

            for place in range(20):
                assert say(f"before {place}")["ok"]
            db.close()
            own_postgres.process.send_signal(signal.SIGQUIT)
            own_postgres.process.wait()
            refused = say("into the dark")
            assert refused["error"]["code"] == "busy"
            assert console.get("/api/overview").status_code == 503

            own_postgres.start()
            within(10, lambda: say("is it back?")["ok"])
            db.connect()
            assert acked(agent, sent) <= set(texts(chat_id))
            assert agent.ask("message:send", next(d for d in drafts if d["body"] == "into the dark"))["ok"]
        assert texts(chat_id).count("into the dark") == 1
        assert rows("select 1 as yes from chat where all_seq = (select count(*) from message)") == [{"yes": 1}]


def test_a_full_front_refuses_one_more_socket_instead_of_hanging(database, world) -> None:
    with desk(parts=("web",), env={"PARLEY_MAX_SOCKETS": "3", **ROOMY}) as running:
        console = Console(running.url, world.colleague())
        sockets = []
        for _ in range(3):
            socket = Socket(running.url)
            socket.join(CONSOLE, {"ticket": console.ticket()})
            sockets.append(socket)
        late = Socket(running.url)
        with pytest.raises(Refused):
            late.join(CONSOLE, {"ticket": console.ticket()})
        assert console.get("/api/overview").status_code == 200, "REST goes on"
        for socket in (*sockets, late):
            socket.close()
