"""One question through the bot's mind: embed → nearest → judge. Reads, and writes nothing."""

from __future__ import annotations

from dataclasses import replace

from models.queries import knowledge
from models.rules import answering
from models.rules.answering import Miss, Said, Verdict
from workers.embedding import MODEL_ID, embed


def answer(said: Said) -> Verdict:
    """What the bot would say. A miss carries its question's vector, so that failures can be grouped by meaning."""
    if verdict := answering.at_once(said):
        return verdict
    question = answering.question(said)
    [vector] = embed([question])
    verdict = answering.judge(said, knowledge.nearest(vector, question))
    return replace(verdict, embedding=vector, model_id=MODEL_ID) if isinstance(verdict, Miss) else verdict
