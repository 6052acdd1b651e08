"""What the demo desk's bot knows, and what it answers with it."""

from __future__ import annotations

from dataclasses import dataclass

from models.actions import knowledge
from models.rules import bot_says
from models.rules.passages import cut
from models.seeds import bulk
from models.seeds.content import article_body, load
from models.tables.knowledge import Article, Service


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer of the bot comes from, and its words."""

    kind: str
    id: int
    title: str
    answer: str


def add_services(teams: dict[str, int]) -> None:
    """Add the services that are missing. One that is there belongs to the people who look after it."""
    known = bulk.ids_by(Service, "key")
    for service in load("services"):
        if service["key"] not in known:
            knowledge.save_service(
                key=service["key"],
                name=service["name"],
                description=service["description"],
                answer=service["answer"],
                phrasings=service["phrasings"],
                team_id=teams[service["team"]],
            )


def add_articles() -> None:
    """Add the articles that are missing, cut into passages. Their vectors are a worker's work."""
    known = bulk.ids_by(Article, "slug")
    for article in load("articles"):
        if article["slug"] not in known:
            knowledge.save_article(slug=article["slug"], title=article["title"], body=article_body(article))


def sources() -> dict[str, Source]:
    """Every answer the bot has, by `service:<key>` and `article:<slug>`, as a conversation names it."""
    services, articles = bulk.ids_by(Service, "key"), bulk.ids_by(Article, "slug")
    found = {
        f"service:{each['key']}": Source("service", services[each["key"]], each["name"], each["answer"])
        for each in load("services")
    }
    for each in load("articles"):
        passage = bot_says.FROM_ARTICLE.format(title=each["title"], passage=cut(article_body(each))[0])
        found[f"article:{each['slug']}"] = Source("article", articles[each["slug"]], each["title"], passage)
    return found
