"""The words of the demo desk, as data: one JSON file for each kind of thing."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load(name: str) -> Any:
    """The content of `<name>.json`. It is shared: read it, never change it."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))


def article_body(article: dict[str, Any]) -> str:
    """An article's paragraphs and lists, one blank line apart."""
    return "\n\n".join(article["body"])
