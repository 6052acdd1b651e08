"""The stage of the browser tests: a desk at work, the demo shop on another origin, and what is on the desk.

The processes run for the whole session and are thrown away at its end; every module or
test puts its own rows into them.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher

from cli import ports, shop
from cli.prepare import CHROMIUMS
from models.actions import agents
from models.db import atomically, one
from models.jobs import Job, nudge
from models.queries import access, knowledge
from models.seeds import bulk, cast
from models.seeds import knowledge as known
from models.seeds.content import load
from models.seeds.desk import seed_bare, seed_demo
from models.tables.desk import CannedMessage, Desk, Tag
from tests.support import processes
from tests.support.people import Colleague, new_client_id
from tests.support.telegram import BotApi, bot_api

SITE_KEY = "browser-tests"
PASSWORD = "four-made-up-words"
PATIENCE_S = 90  # two cores, and a model that reads three hundred phrasings on them

_password_hash = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Stage:
    """Where everything is."""

    desk: processes.Desk
    shop_url: str  # another origin of the desk's own site, so its frame may store things
    far_shop_url: str  # another site: a private window, as tests have, lets its frame store nothing
    telegram: BotApi  # where the desk's processes believe that Telegram is

    @property
    def url(self) -> str:
        return self.desk.url

    def wait_until_nobody_is_there(self) -> None:
        """The sockets of who took part in the last test are closed: a front that still held one would renew its lease."""
        wait_for(lambda: set(re.findall(r"^parley_sockets\{.*\} (\S+)$", self._metrics(), re.M)) == {"0.0"})

    def _metrics(self) -> str:
        with urllib.request.urlopen(f"{self.desk.ops_url}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def fill_with_demo(self) -> None:
        """The whole demo: its people, what the bot knows, five weeks of history, chats that wait and go on."""
        seed_demo(passwords=_hash_for, origins=[self.shop_url, self.far_shop_url], channel_key=SITE_KEY)
        nudge(Job.EMBED_KNOWLEDGE)

    @atomically
    def fill(self, *, bot: bool) -> None:
        """The demo team on a desk where nothing has happened yet. With `bot`, all that the demo's bot knows."""
        seed_bare(origins=[self.shop_url, self.far_shop_url], channel_key=SITE_KEY)
        Desk.update(bot_enabled=bot, auto_assign=False, ask_name=True).execute()
        teams = cast.add_teams()
        cast.add_agents(teams, _hash_for)
        bulk.insert(Tag, [{"name": tag["name"], "hue": tag["hue"]} for tag in load("tags")])
        bulk.insert(
            CannedMessage,
            [
                {"shortcut": each["shortcut"], "title": each["title"], "body": each["body"]}
                for each in load("canned")
                if each["team"] is None
            ],
        )
        if bot:
            known.add_services(teams)
            known.add_articles()

    def wait_for_the_bot(self) -> None:
        """Until a worker has read every text and learned from it. Beat asks every ten seconds; a test asks at once."""

        def ready() -> bool:
            if one("select 1 from answer_bars") and not knowledge.unread(1) and not knowledge.unlearned():
                return True
            nudge(Job.EMBED_KNOWLEDGE)
            time.sleep(1)
            return False

        wait_for(ready)


@contextmanager
def open_stage() -> Iterator[Stage]:
    """Everything started, and ready to be filled."""
    port = ports.any_free()
    with (
        bot_api() as telegram,
        processes.desk(
            env={
                "PARLEY_RATE_FACTOR": "100",
                "PARLEY_TELEGRAM_API": telegram.url,
                "PARLEY_STATEMENT_MS": "20000",  # as patient as whoever waits here for a page, on two cores
            }
        ) as running,
    ):
        words = {"WIDGET_URL": f"{running.url}/w.js", "SITE_KEY": SITE_KEY}
        with shop.serve(port, "127.0.0.1", words) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield Stage(running, f"http://127.0.0.1:{port}", f"http://localhost:{port}", telegram)
            server.shutdown()


def colleague(name: str) -> Colleague:
    """One of the team, at work without a browser."""
    agent = one("select id from agent where name = %s", (name,))
    assert agent is not None
    session_id = agents.signs_in(agent["id"], new_client_id(), "127.0.0.1", "A browser")
    viewer = access.viewer_by_session_id(session_id)
    assert viewer is not None
    at_work = Colleague(viewer)
    at_work.opens_screen()
    return at_work


def chromium() -> str:
    """The browser that `make test` has found or installed."""
    named = os.environ.get("PARLEY_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert named, "No Chromium on PATH; `make test` installs one, or name yours in PARLEY_CHROMIUM."
    return named


def wait_for(look: Callable[[], Any], patience: float = PATIENCE_S) -> Any:
    """The first true thing that `look` sees."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {patience:.0f} s")


def _hash_for(email: str) -> str:
    return _password_hash
