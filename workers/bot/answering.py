"""One question through the bot's mind: embed → nearest → judge. Reads, and writes nothing."""

from __future__ import annotations

from models.queries import knowledge
from models.rules import answering
from models.rules.answering import Said, Verdict
from workers import embedding


def answer(said: Said) -> Verdict:
    """What the bot would say. The verdict carries its question's vector, so that failures can be grouped by meaning."""
    if verdict := answering.at_once(said):
        return verdict
    question = answering.question(said)
    while True:  # another round when the desk has gone over to another model in between
        reading = embedding.read(question, knowledge.model_id())
        near = knowledge.nearest(reading, question)
        if near is not None:
            return answering.judge(said, near, reading)
