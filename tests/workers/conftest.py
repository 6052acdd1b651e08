"""A desk that has read the demo services and articles, with the real model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CONTENT = Path(__file__).resolve().parents[2] / "models" / "seeds" / "content"


def teach_demo() -> None:
    """Save the demo desk's services and articles, and let the worker's mind read and learn them."""
    from models.actions.knowledge import save_article, save_service
    from models.queries import knowledge
    from workers.bot.studying import study

    for each in json.loads((CONTENT / "services.json").read_text()):
        save_service(
            key=each["key"],
            name=each["name"],
            description=each["description"],
            answer=each["answer"],
            phrasings=each["phrasings"],
        )
    for each in json.loads((CONTENT / "articles.json").read_text()):
        save_article(slug=each["slug"], title=each["title"], body="\n\n".join(each["body"]))
    while knowledge.unread(1) or knowledge.unlearned():
        study()


@pytest.fixture(scope="module")
def taught(wiper) -> None:
    """Once per module; mark the module `keeps_data`, or the next test wipes it."""
    from models.db import connection
    from tests.support.people import open_desk

    wiper.wipe()
    with connection():
        open_desk()
        teach_demo()
