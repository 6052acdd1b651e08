"""Ask again: the failures of a cluster and the regression set, through the bot as it is or as it would be."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from models.actions import replays
from models.actions.replays import Outcome
from models.errors import NotFound
from models.jobs import Job, nudge
from models.queries import knowledge
from models.rules import answering
from models.rules.answering import Answer, Neighbours, Said, Verdict
from models.rules.learned import Reading
from models.rules.replaying import NEW, Answered, Asked, outcome
from workers import embedding
from workers.bot.studying import study
from workers.embedding import ModelMissing

log = structlog.get_logger()

Nearest = Callable[[Reading, str], Neighbours | None]

BATCH = 16  # questions between two words of progress
SECONDS = 2.0  # of one task: a customer's question waits so long behind a replay at the most
SAID_KEPT = 300  # characters of what the bot would say


class ModelChanged(Exception):
    """The desk has gone over to another model since this slice began."""


def run(replay_id: int) -> None:
    """Go on with a replay for two seconds, and ask to be called again. A killed worker's is taken up after its lease."""
    claimed = replays.claim(replay_id)
    if claimed is None:
        return
    from workers.bot import overlay  # numpy and scikit-learn, for those processes that replay

    try:
        began = time.monotonic()
        if _must_study(replay_id):
            return
        wanted = _wanted(claimed)
        nearest = overlay.laid_over(replay_id, claimed["change"])
        while questions := replays.unasked(replay_id, BATCH):
            if not replays.record(replay_id, [_ask(each, nearest, wanted) for each in questions]):
                return
            if time.monotonic() - began > SECONDS:
                replays.rest(replay_id)
                nudge(Job.RUN_REPLAY, replay_id)
                return
    except NotFound:
        replays.fail(replay_id, "knowledge_gone")
        return
    except ModelChanged:
        replays.rest(replay_id)
        overlay.forget()
        nudge(Job.RUN_REPLAY, replay_id)
        return
    except ModelMissing:
        replays.fail(replay_id, "model_missing")
        return
    replays.finish(replay_id, knowledge.bot_version())
    log.info("replay_finished", replay=replay_id)


def _wanted(replay: replays.Row) -> frozenset[Answered]:
    """What was made, or would be made, to answer the failures; where nothing was, whatever answers them."""
    if change := replay["change"]:
        (kind,) = change
        return frozenset({(kind, change[kind][f"{kind}_id"] or NEW)})
    made = (_answered(replay["service_id"], None), _answered(None, replay["article_id"]))
    return frozenset(each for each in made if each is not None)


def _answered(service_id: int | None, article_id: int | None) -> Answered | None:
    if service_id is not None:
        return "service", service_id
    return ("article", article_id) if article_id is not None else None


def _judged(said: Said, question: replays.Row, nearest: Nearest) -> Verdict:
    """What the bot makes of it; the vector it was captured with is used again where the model is still the same."""
    model_id = knowledge.model_id()
    kept = question["vector"] if question["model_id"] == model_id else None
    reading = Reading(knowledge.numbers(kept), model_id) if kept else embedding.read(said.text, model_id)
    near = nearest(reading, said.text)
    if near is None:
        raise ModelChanged
    return answering.judge(said, near, reading)


def _must_study(replay_id: int) -> bool:
    """Whether the bot has still to learn what was saved; it goes on with that, and the replay comes after it."""
    if not knowledge.unread(1) and knowledge.unlearned() is None:
        return False
    study()
    replays.rest(replay_id)
    nudge(Job.RUN_REPLAY, replay_id)
    return True


def run_due() -> None:
    """Replays that were never nudged, or whose worker died."""
    for replay_id in replays.due():
        run(replay_id)


def _ask(question: replays.Row, nearest: Nearest, wanted: frozenset[Answered]) -> Outcome:
    said = Said(question["question"])
    verdict: Verdict | None = answering.at_once(said)
    if verdict is None:
        verdict = _judged(said, question, nearest)
    asked = Asked(
        good=_answered(question["service_id"], question["article_id"]),
        wanted=wanted,
        useless=_answered(question["useless_service_id"], question["useless_article_id"]),
    )
    came_to = outcome(verdict, asked)
    if not isinstance(verdict, Answer):
        return Outcome(question["id"], came_to)
    source = verdict.sources[0] if verdict.sources else None
    return Outcome(question["id"], came_to, verdict.body[:SAID_KEPT], source, round(verdict.confidence, 3))
