"""Articles cut into passages: whole paragraphs, each passage about one thought long."""

from __future__ import annotations

import re

WORDS = 120  # what the model reads well at once, and what a chat bubble can hold

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BLANK_LINE = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def cut(body: str) -> list[str]:
    """Paragraphs gathered up to `WORDS`; a paragraph longer than that is cut between sentences."""
    passages: list[str] = []
    gathered: list[str] = []
    for paragraph in (part.strip() for part in _BLANK_LINE.split(body)):
        for piece in [paragraph] if _words(paragraph) <= WORDS else _sentences(paragraph):
            if gathered and sum(map(_words, gathered)) + _words(piece) > WORDS:
                passages.append("\n\n".join(gathered))
                gathered = []
            if piece:
                gathered.append(piece)
    return [*passages, "\n\n".join(gathered)] if gathered else passages


def as_chat(passage: str) -> str:
    """A passage as the bot says it: bold and links are for the help pages."""
    return _LINK.sub(r"\1", _BOLD.sub(r"\1", passage))


def _sentences(paragraph: str) -> list[str]:
    """Runs of whole sentences, none longer than `WORDS` unless one sentence is."""
    runs: list[str] = []
    for sentence in _SENTENCE_END.split(paragraph):
        if runs and _words(runs[-1]) + _words(sentence) <= WORDS:
            runs[-1] += " " + sentence
        else:
            runs.append(sentence)
    return runs


def _words(text: str) -> int:
    return len(text.split())
