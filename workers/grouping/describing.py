"""What each cluster is about: a short central question, key words, what may serve it, a draft of an article."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog

from models.actions import describing, replays
from models.actions.describing import Description, Suggested
from models.jobs import Job, nudge
from models.queries import describing as read
from models.queries import knowledge
from models.queries import suggesting as kept
from models.queries.clusters import as_label
from models.rules import drafting
from models.rules.grouping import most_central
from models.rules.keywords import counted, keywords
from models.rules.suggesting import DEFAULT, FEATURES, SHOWN, Calibrator, article_confidence, confidences
from workers.bot import learning
from workers.embedding import embed
from workers.grouping import suggesting
from workers.grouping.geometry import Matrix

log = structlog.get_logger()

SECONDS = 1.5
AT_ONCE = 20
SPOKEN = 60  # failures nearest to the middle that the central one is chosen from
ANSWERS = 40  # what people answered to the newest failures makes a draft


@dataclass(frozen=True)
class Desk:
    """What all clusters of one round are compared with."""

    everywhere: Mapping[str, int]
    texts: int
    services: list[int]  # the number of each column of `known`
    known: suggesting.Known | None
    middles: Matrix | None
    articles: np.ndarray[Any, np.dtype[np.int64]]  # whose each passage is
    passages: Matrix
    calibrator: Calibrator


def describe_due() -> None:
    """Describe what changed, for a second or two; what is left is described next time."""
    describing.tidy()
    replays.collect_good_turns()
    due = read.due(AT_ONCE)
    if not due:
        return
    _learn_to_suggest()
    began = time.monotonic()
    desk = _desk()
    for cluster in due:
        describing.describe(_described(cluster, desk))
        if time.monotonic() - began > SECONDS:
            break
    log.info("clusters_described", clusters=len(due), seconds=round(time.monotonic() - began, 3))
    if read.due(1):
        nudge(Job.DESCRIBE_CLUSTERS)


def _desk() -> Desk:
    texts = read.background()
    lessons = knowledge.lessons(learning.MOST_PER_SERVICE)
    numbers = sorted({each.service_id for each in lessons})
    known = middles = None
    if len(numbers) >= 2:
        known = suggesting.Known.taught(
            np.array([each.vector for each in lessons]),
            np.searchsorted(numbers, [each.service_id for each in lessons]),
            len(numbers),
        )
        middles = known.middles()
    passages = kept.passages()
    return Desk(
        counted(texts),
        len(texts),
        numbers,
        known,
        middles,
        np.array([article_id for article_id, _ in passages], np.int64),
        np.array([vector for _, vector in passages], np.float32),
        (kept.calibrator() or DEFAULT).moved(kept.usual_facts()),
    )


def _described(cluster: read.Row, desk: Desk) -> Description:
    members = read.members(cluster["id"])
    vectors = np.array([each["vector"] for each in members])
    order = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")[:SPOKEN].tolist()
    near = [members[place] for place in order]
    central = near[most_central([each["vector"] for each in near], [each["text"] for each in near])]
    known, suggested, facts = _suggested(vectors, desk)
    return Description(
        cluster["id"],
        cluster["changed_at"],
        central["id"],
        as_label(central["text"]),
        keywords([each["text"] for each in members], desk.everywhere, desk.texts),
        known,
        suggested,
        facts,
        _draft(central["text"], members),
    )


def _suggested(vectors: Matrix, desk: Desk) -> tuple[float, list[Suggested], dict[str, float] | None]:
    """How likely something known serves these questions, the best three of it, and the facts behind it."""
    found: list[Suggested] = []
    known, facts = 0.0, None
    if desk.known is not None and desk.middles is not None:
        ranked = suggesting.rank(vectors, desk.known, desk.middles, SHOWN)
        known = desk.calibrator.known(ranked.facts)
        sure = confidences(known, desk.calibrator.first(ranked.facts), ranked.scores)
        facts = dict(zip(FEATURES, ranked.facts, strict=True))
        found += [
            Suggested("service", desk.services[place], score, confidence)
            for place, score, confidence in zip(ranked.services, ranked.scores, sure, strict=True)
        ]
    if len(desk.passages):
        likeness = vectors @ desk.passages.T
        for article in np.unique(desk.articles).tolist():
            nearness = float(likeness[:, desk.articles == article].max(axis=1).mean())
            found.append(Suggested("article", article, nearness, article_confidence(nearness)))
    found.sort(key=lambda each: -each.confidence)
    best = max((each.confidence for each in found if each.kind == "article"), default=0.0)
    return max(known, best), found[:SHOWN], facts


def _draft(question: str, members: Sequence[read.Row]) -> dict[str, Any] | None:
    """An article out of what people answered; None where nobody has answered anything of substance."""
    answered = [each for each in members if each["answer"]][:ANSWERS]
    said = drafting.sentences([(each["id"], each["answer"]) for each in answered])
    if not said:
        return None
    chosen = drafting.chosen(said, embed([each.text for each in said], knowledge.model_id()))
    used = {each.failure_id for each in chosen}
    return {
        "title": drafting.title(question),
        "body": "\n\n".join(each.text for each in chosen),
        "sources": [
            {"failure_id": each["id"], "chat_id": each["chat_id"], "by": each["answered_by"]}
            for each in answered
            if each["id"] in used
        ],
    }


def _learn_to_suggest() -> None:
    """Play the desk to itself when its services changed, or people have chosen often enough since."""
    fingerprint = kept.untrained()
    if fingerprint is None:
        return
    lessons = knowledge.lessons(learning.MOST_PER_SERVICE)
    played = suggesting.simulated(
        np.array([each.vector for each in lessons if each.origin == "example"], np.float32).reshape(
            -1, _width(lessons)
        ),
        np.array([each.service_id for each in lessons if each.origin == "example"], np.int64),
    )
    outcomes = kept.outcomes()
    trained = suggesting.train(suggesting.together(played, suggesting.as_lessons(outcomes)))
    describing.remember(
        trained.calibrator if trained else DEFAULT,
        knowledge=fingerprint,
        lessons={
            "simulated": len(played.facts),
            "decided": len(outcomes),
            "auroc": trained.auroc if trained else None,
            "ece": trained.ece if trained else None,
        },
    )


def _width(lessons: Sequence[Any]) -> int:
    return len(lessons[0].vector) if lessons else 1
