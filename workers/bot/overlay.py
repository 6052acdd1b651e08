"""The bot as it would be: a change of an article or a service laid over what it knows, in memory alone.

An article's new passages stand beside those there are. A service's new examples change what sets
all services apart, so everything is learned again, bars and all, as it would be after saving.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.db import one, rows
from models.errors import NotFound
from models.queries import knowledge
from models.rules.answering import NEAREST, NearPassage, NearService, Neighbours
from models.rules.learned import Lesson, Vector
from models.rules.passages import cut
from workers.bot import learning
from workers.embedding import embed

NEW = 0  # the number of an article or a service that is not saved yet
WEIGHED = 10

Nearest = Callable[[Vector, str], Neighbours]
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


def _require(change: Change) -> None:
    """Every time: an article may be removed while a replay of it runs."""
    for kind in ("article", "service"):
        number = (change.get(kind) or {}).get(f"{kind}_id")
        if number is not None and one(f"select 1 from {kind} where id = %s and archived_at is null", (number,)) is None:
            raise NotFound()


def _with_article(change: Change) -> Nearest:
    number = change["article_id"] or NEW
    if number == NEW:
        title, passages = change["article"]["title"], cut(change["article"]["body"])
        texts = [f"{title}\n{passage}" for passage in passages]
    else:
        found = one("select title from article where id = %s and published and archived_at is null", (number,))
        if found is None:
            raise NotFound()
        title = found["title"]
        passages = [
            each["text"]
            for each in rows("select text from article_chunk where article_id = %s order by ord", (number,))
        ]
        texts = []
    vectors = np.array(embed([*texts, *change["phrasings"]]), dtype=np.float64)
    spoken = [*passages[: len(texts)], *([passages[0] if passages else title] * len(change["phrasings"]))]

    def nearest(vector: Vector, text: str) -> Neighbours:
        near = knowledge.nearest(vector, text)
        if not len(vectors):
            return near
        likeness = vectors @ np.array(vector)
        best = int(likeness.argmax())
        laid = NearPassage(number, title, spoken[best], float(likeness[best]))
        return replace(near, passages=sorted([*near.passages, laid], key=lambda each: -each.nearness))

    return nearest


def _with_service(change: Change) -> Nearest:
    number = change["service_id"] or NEW
    lessons = knowledge.lessons(learning.MOST_PER_SERVICE)
    names = {each["id"]: each for each in rows("select id, name, answer from service where enabled")}
    texts = [(text, "example") for text in change["phrasings"]]
    if number == NEW:
        new = change["service"]
        names[NEW] = {"id": NEW, "name": new["name"], "answer": new["answer"]}
        own = dict.fromkeys((new["name"], f"{new['name']}. {new['description']}", new["answer"]))
        texts += [(text, "own") for text in own if text.strip()]
    elif number not in names:
        raise NotFound()
    vectors = embed([text for text, _ in texts])
    lessons += [
        Lesson(number, origin, vector)  # type: ignore[arg-type]  # the two origins, from just above
        for (_, origin), vector in zip(texts, vectors, strict=True)
    ]
    learned = learning.learn(lessons)
    taught = np.array([lesson.vector for lesson in lessons])
    owners = np.array([lesson.service_id for lesson in lessons])
    services = [each.service_id for each in learned.directions]
    weights = np.array([each.vector for each in learned.directions])
    biases = np.array([each.bias for each in learned.directions])

    def nearest(vector: Vector, text: str) -> Neighbours:
        asked = np.array(vector)
        lean = weights @ asked + biases
        share = np.exp(lean - lean.max())
        votes = share / share.sum()
        likeness = taught @ asked
        near = [
            NearService(
                service,
                names[service]["name"],
                names[service]["answer"],
                vote=float(vote),
                nearness=_nearest_mean(likeness[owners == service]),
                named=names[service]["name"].lower() == text.lower(),
            )
            for service, vote in zip(services, votes, strict=True)
            if service in names
        ]
        near.sort(key=lambda each: -each.confidence)
        return replace(knowledge.nearest(vector, text), services=near[:WEIGHED], bars=learned.bars)

    return nearest


def _nearest_mean(likeness: Sequence[float] | Any) -> float:
    return float(np.sort(likeness)[-NEAREST:].mean()) if len(likeness) else 0.0
