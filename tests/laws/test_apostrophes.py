"""The desk writes its apostrophes as a printer would; straight ones beside them look like two hands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from models.rules import bot_says, wording

ROOT = Path(__file__).resolve().parents[2]
STRAIGHT = re.compile(r"\w'\w")
CATALOGUES = sorted(
    path for path in (ROOT / "web" / "frontend").glob("**/en*.json") if "node_modules" not in path.parts
)
SEEDS = ROOT / "models" / "seeds" / "content"


@pytest.mark.parametrize("module", [wording, bot_says], ids=lambda module: module.__name__)
def test_sentences_of_the_desk(module: Any) -> None:
    said = [text for name, text in vars(module).items() if name.isupper() and isinstance(text, str)]
    assert said
    assert straight(said) == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT / "web" / "frontend")))
def test_words_of_the_screens(catalogue: Path) -> None:
    assert straight(json.loads(catalogue.read_text())) == []


def test_words_of_the_demo_desk() -> None:
    """Its customers and how they phrase things are left alone: people type as they do."""
    for name in ("articles", "business", "canned", "desk", "tags", "teams"):
        assert straight(json.loads((SEEDS / f"{name}.json").read_text())) == [], name
    for service in json.loads((SEEDS / "services.json").read_text()):
        assert straight({key: text for key, text in service.items() if key != "phrasings"}) == []
    assert straight(list(_of_the_desk(json.loads((SEEDS / "conversations.json").read_text())))) == []


def straight(found: Any) -> list[str]:
    """The texts anywhere in it that have a straight apostrophe inside a word."""
    if isinstance(found, str):
        return [found] if STRAIGHT.search(found) else []
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else []
    return [text for part in parts for text in straight(part)]


def _of_the_desk(found: Any) -> Any:
    """Every line of a script, `[who, what]`, that no customer says."""
    if isinstance(found, list) and found and found[0] in ("agent", "bot", "note"):
        yield found[1:]
    elif isinstance(found, list | dict):
        for part in found.values() if isinstance(found, dict) else found:
            yield from _of_the_desk(part)
