"""Keep what the bot failed on: one row a turn, in the transaction in which it fails.

The row is the work: one without a vector waits for the worker that reads, one without
a cluster for the worker that groups.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.db import as_json, one
from models.jobs import Job, enqueue
from models.queries import knowledge
from models.rules import failures
from models.rules.answering import Candidate
from models.rules.failures import Trigger
from models.rules.learned import Vector

_CAPTURE = """
insert into failed_response (chat_id, message_id, text, normalized, language, channel_id, session_id, customer_id, reply_id,
                             trigger, candidates, bot_version, model_id, embedding, noise)
select c.id, %(message)s, %(text)s, %(normalized)s, %(language)s, c.channel_id, c.session_id, c.customer_id, %(reply)s,
       %(trigger)s, %(candidates)s, %(version)s, %(model)s, %(vector)s::vector, %(noise)s
from chat c where c.id = %(chat)s
on conflict (message_id) do nothing
returning id
"""


def capture(
    chat_id: int,
    message_id: int,
    text: str,
    trigger: Trigger,
    *,
    candidates: Sequence[Candidate] = (),
    reply_id: int | None = None,
    vector: Vector | None = None,
    model_id: str | None = None,
    bot_version: str | None = None,
) -> bool:
    """Keep one failed turn of a locked chat: `message_id` is the customer's, `reply_id` the answer that was no help.

    False when this turn is known to have failed already; the first reason stays. A vector goes with its model.
    """
    asked = one(
        "select s.language from chat c join customer s on s.id = c.customer_id where c.id = %s",
        (chat_id,),
    )
    assert asked is not None
    kept = one(
        _CAPTURE,
        {
            "chat": chat_id,
            "message": message_id,
            "text": text,
            "normalized": failures.normalize(text),
            "language": failures.language(text, asked["language"]),
            "reply": reply_id,
            "trigger": trigger,
            "candidates": as_json(list(candidates)),
            "version": bot_version if bot_version is not None else knowledge.bot_version(),
            "model": model_id if vector is not None else None,
            "vector": knowledge.literal(vector) if vector is not None else None,
            "noise": failures.noise(text),
        },
    )
    if kept is not None and vector is None:
        enqueue(Job.EMBED_KNOWLEDGE)
    return kept is not None
