"""The bot as it would be: a change of an article or a service laid over what it knows, in memory alone.

An article's new passages stand beside those there are. A service's new examples change what sets
all services apart, so everything is learned again, bars and all, as it would be after saving.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from models.db import one, rows
from models.errors import NotFound
from models.queries import knowledge
from models.rules.answering import NEAREST, NearPassage, NearService, Neighbours
from models.rules.learned import Lesson, Origin, Reading
from models.rules.passages import cut
from models.rules.replaying import NEW
from workers.bot import learning
from workers.embedding import embed

WEIGHED = 10

Nearest = Callable[[Reading, str], Neighbours | None]
Change = dict[str, Any]


def laid_over(replay_id: int, change: Change | None) -> Nearest:
    """What lies near a question, once this change is made. Raises `NotFound` when what it changes is gone.

    A replay comes back every few seconds; what was learned for it is kept for the one that ran last.
    """
    if change is None:
        return knowledge.nearest
    _require(change)
    if _kept and replay_id in _kept:
        return _kept[replay_id]
    _kept.clear()
    article = change.get("article")
    _kept[replay_id] = _with_article(article) if article else _with_service(change["service"])
    return _kept[replay_id]


_kept: dict[int, Nearest] = {}


def forget() -> None:
    """What was learned for the last replay does not hold any more."""
    _kept.clear()


def _require(change: Change) -> None:
    """Every time: an article may be removed while a replay of it runs."""
    for kind in ("article", "service"):
        number = (change.get(kind) or {}).get(f"{kind}_id")
        if number is not None and one(f"select 1 from {kind} where id = %s and archived_at is null", (number,)) is None:
            raise NotFound()


def _with_article(change: Change) -> Nearest:
    number, model_id = change["article_id"] or NEW, knowledge.model_id()
    if number == NEW:
        title, passages = change["article"]["title"], cut(change["article"]["body"])
        read = [f"{title}\n{passage}" for passage in passages]
    else:
        found = one("select title from article where id = %s", (number,))
        if found is None:
            raise NotFound()
        title, read = found["title"], []
        passages = [
            each["text"]
            for each in rows("select text from article_chunk where article_id = %s order by ord", (number,))
        ]
    spoken = passages[0] if passages else title
    laid = [(passage, False) for passage in passages[: len(read)]] + [(spoken, True)] * len(change["phrasings"])
    vectors = np.array(embed([*read, *change["phrasings"]], model_id))

    def nearest(reading: Reading, text: str) -> Neighbours | None:
        near = knowledge.nearest(reading, text)
        if near is None or reading.model_id != model_id:
            return None
        if not laid:
            return near
        likeness = vectors @ np.array(reading.vector)
        beside = [
            NearPassage(number, title, passage, float(like), phrased)
            for (passage, phrased), like in zip(laid, likeness, strict=True)
        ]
        return replace(near, passages=[*near.passages, *beside])

    return nearest


def _with_service(change: Change) -> Nearest:
    number, model_id = change["service_id"] or NEW, knowledge.model_id()
    lessons = knowledge.lessons(learning.MOST_PER_SERVICE)
    told = {
        each["id"]: each for each in rows("select id, name, answer, quick_replies, handover from service where enabled")
    }
    texts: list[tuple[str, Origin]] = [(text, "example") for text in change["phrasings"]]
    if number == NEW:
        new = change["service"]
        told[NEW] = {"id": NEW, "name": new["name"], "answer": new["answer"], "quick_replies": [], "handover": "never"}
        own = dict.fromkeys((new["name"], f"{new['name']}. {new['description']}", new["answer"]))
        texts += [(text, "own") for text in own if text.strip()]
    elif number not in told:
        raise NotFound()
    vectors = embed([text for text, _ in texts], model_id)
    lessons += [Lesson(number, origin, vector) for (_, origin), vector in zip(texts, vectors, strict=True)]
    learned = learning.learn(lessons)
    taught = np.array([lesson.vector for lesson in lessons])
    owners = np.array([lesson.service_id for lesson in lessons])
    weights = np.array([each.vector for each in learned.directions])
    biases = np.array([each.bias for each in learned.directions])

    def nearest(reading: Reading, text: str) -> Neighbours | None:
        near = knowledge.nearest(reading, text)
        if near is None or reading.model_id != model_id:
            return None
        asked = np.array(reading.vector)
        lean = weights @ asked + biases
        share = np.exp(lean - lean.max())
        likeness = taught @ asked
        services = [
            NearService(
                **told[each.service_id],
                vote=float(vote),
                nearness=float(np.sort(likeness[owners == each.service_id])[-NEAREST:].mean()),
                named=told[each.service_id]["name"].lower() == text.lower(),
            )
            for each, vote in zip(learned.directions, share / share.sum(), strict=True)
            if each.service_id in told
        ]
        services.sort(key=lambda each: -each.confidence)
        return replace(near, services=services[:WEIGHED], bars=learned.bars)

    return nearest
