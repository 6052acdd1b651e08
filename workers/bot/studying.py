"""Keep the bot's knowledge fresh: vectors for new texts, then a new lesson when the services changed."""

from __future__ import annotations

import structlog

from models.actions import failures
from models.actions.knowledge import record_vectors, remember
from models.jobs import Job, nudge
from models.queries import knowledge, reembedding
from workers import embedding
from workers.embedding import BATCH, embed

log = structlog.get_logger()

BATCHES = 4  # of reading per task, about two seconds: customers' questions wait in the same line


def study() -> None:
    """Attach what people answered; read some of what is unread; learn once everything is read.

    Safe to run at any time, any number of times.
    """
    failures.attach_waiting()
    model_id = _ready_to_read()
    if embedding.why_missing(model_id):
        return  # the texts wait; `workers/app.py` has said so
    for _ in range(BATCHES):
        texts = knowledge.unread(BATCH)
        if not texts:
            _learn()
            return
        held = record_vectors(texts, embed([text.text for text in texts], model_id), model_id)
        log.info("knowledge_read", texts=len(texts), held=held)
    nudge(Job.EMBED_KNOWLEDGE)


def _ready_to_read() -> str:
    """The desk's model; the one it is going over to is loaded before the first question needs it."""
    model_id, coming = knowledge.model_id(), reembedding.coming_model()
    embedding.keep_only(model_id, coming or model_id)
    if coming and not embedding.why_missing(coming):
        embedding.warm_up(coming)
    return model_id


def _learn() -> None:
    from workers.bot import learning  # scikit-learn: a second and 100 MB that only the process that learns should pay

    fingerprint = knowledge.unlearned()
    if fingerprint is None:
        return
    learned = learning.learn(knowledge.lessons(learning.MOST_PER_SERVICE))
    remember(learned, knowledge=fingerprint)
    log.info(
        "knowledge_learned",
        services=len(learned.directions),
        examples=learned.examples,
        accuracy=round(learned.accuracy, 3),
        sure=round(learned.bars.sure, 3),
        doubt=round(learned.bars.doubt, 3),
    )
