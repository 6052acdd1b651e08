"""What the side door says when it cannot go on: one sentence, and a way on."""

from __future__ import annotations


class Trouble(Exception):
    """Something about this machine or this folder stands in the way; the text is for the person at the keyboard."""

    def __init__(self, sentence: str, way_on: str = "") -> None:
        self.sentence, self.way_on = sentence, way_on
        super().__init__(f"{sentence} {way_on}".strip())
