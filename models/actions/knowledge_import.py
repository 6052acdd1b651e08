"""Services and articles from a file: looked at row by row, then taken whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from models.actions import audit, knowledge, news, services
from models.actions.chat_log import Row
from models.actions.importing import report, team_of, teams
from models.db import atomically, rows, run
from models.errors import DeskError
from models.queries import knowledge_base as read
from models.queries.access import Permission, Viewer
from models.rules import knowledge_files
from models.rules.knowledge import distinct, key_of
from models.rules.sheets import Problem, Record, Sheet
from models.schemas.knowledge import ArticleBody, ServiceBody


@dataclass(frozen=True)
class _Noun:
    """What differs between the two kinds of file."""

    plural: str
    sheet: Sheet
    name: str  # the column that names an entry to people
    key: str  # and the one that names it to machines
    present: Callable[[], list[Row]]
    load: Callable[[Record, dict[str, int]], Row]
    check: Callable[[Row, int], None]
    save: Callable[..., int]


@atomically
def take_services(viewer: Viewer, *, format: str, text: str, dry_run: bool = True) -> Row:  # noqa: A002 - its name on the wire
    """Add what is new and change what differs. Returns an `ImportReport`.

    With a single problem, or as a dry run, nothing is changed. What the file does not name stays as it is.
    """
    return _take(viewer, _SERVICES, format, text, dry_run)


@atomically
def take_articles(viewer: Viewer, *, format: str, text: str, dry_run: bool = True) -> Row:  # noqa: A002 - its name on the wire
    """The same for articles. Drafts stay as they are."""
    return _take(viewer, _ARTICLES, format, text, dry_run)


def _take(viewer: Viewer, noun: _Noun, kind: str, text: str, dry_run: bool) -> Row:
    viewer.require(Permission.KNOWLEDGE_EDIT)
    run("select pg_advisory_xact_lock(hashtext(%s))", (noun.sheet.noun,))
    found, problems = noun.sheet.read(text, kind)
    present = noun.present()
    by_key = {each[noun.key]: each for each in present}
    by_name = {each[noun.name].casefold(): each for each in present}
    known = teams()
    fresh, other, unchanged, seen = [], [], 0, set()
    for number, record in found:
        name = str(record[noun.name])[:32]
        try:
            content = noun.load(record, known)
            before = by_key.get(record.get(noun.key) or "") or by_name.get(content[noun.name].casefold())
            noun.check(content, before["id"] if before else 0)
        except ValidationError as fault:
            said = [f"{field}: {_flat(texts)}" for field, texts in sorted(fault.messages_dict.items())]
            problems.append(Problem(number, name, " ".join(said)))
            continue
        except DeskError as refusal:
            problems.append(Problem(number, name, refusal.sentence))
            continue
        same = before[noun.key] if before else content[noun.name].casefold()
        if same in seen:
            problems.append(Problem(number, name, "The same one stands further up."))
        seen.add(same)
        if before is None:
            fresh.append((record.get(noun.key), content))
        elif _differs(content, before):
            other.append((before[noun.key], content))
        else:
            unchanged += 1
    applies = not dry_run and not problems
    if applies:
        _write(viewer, noun, fresh, other, set(by_key))
    return report(problems, added=len(fresh), changed=len(other), unchanged=unchanged, applied=applies)


def _write(viewer: Viewer, noun: _Noun, fresh: list[Any], other: list[Any], taken: set[str]) -> None:
    everybody = taken | {each["key"] for each in rows(f"select {noun.key} as key from {noun.sheet.noun}")}
    for asked, content in fresh:
        key = key_of(asked or content[noun.name], everybody)
        everybody.add(key)
        noun.save(**{noun.key: key}, **content, by=viewer)
    for key, content in other:
        noun.save(**{noun.key: key}, **content, by=viewer)
    if fresh or other:
        names = {
            word: [content[noun.name] for _, content in taken][:50]
            for word, taken in (("added", fresh), ("changed", other))
        }
        audit.note(viewer, "imported", noun.sheet.noun, None, after={key: each for key, each in names.items() if each})
        news.catalogue(noun.plural)


def _differs(content: Row, before: Row) -> bool:
    return any(before[key] != value for key, value in content.items())


def _flat(texts: Any) -> str:
    """What a schema says of a field, of a list's entries too, in one line."""
    if isinstance(texts, dict):
        return " ".join(f"{int(place) + 1}. {_flat(said)}" for place, said in texts.items())
    return " ".join(map(str, texts))


def _service(record: Record, known: dict[str, int]) -> Row:
    """Through the same checks as a service that is typed."""
    said: Row = {
        "name": record["name"],
        "description": record.get("description") or "",
        "answer": record["answer"],
        "phrasings": record.get("phrasings") or [],
        "quick_replies": record.get("quick_replies") or [],
        "team_id": team_of(record, known),
        "handover": record.get("handover") or "never",
        "enabled": _yes_or_no("enabled", record),
    }
    loaded: Row = ServiceBody().load(said)
    return {**loaded, "phrasings": distinct(loaded["phrasings"])}


def _article(record: Record, _: dict[str, int]) -> Row:
    said = {
        "title": record["title"],
        "body": record["body"],
        "phrasings": record.get("phrasings") or [],
        "publish": _yes_or_no("published", record),
    }
    loaded: Row = ArticleBody().load(said)
    return {
        "title": loaded["title"],
        "body": loaded["body"],
        "phrasings": distinct(loaded["phrasings"]),
        "published": loaded["publish"],
    }


def _yes_or_no(column: str, record: Record) -> bool:
    said = knowledge_files.flag(record.get(column), otherwise=True)
    if said is None:
        raise ValidationError({column: ["Write yes or no."]})
    return said


def _present_services() -> list[Row]:
    return rows(
        "select s.id, s.key, s.name, s.description, s.answer, s.quick_replies, s.team_id, s.handover, s.enabled,"
        " coalesce((select array_agg(p.text order by p.id) from service_phrase p"
        "  where p.service_id = s.id and p.origin = 'example'), '{}') as phrasings"
        " from service s where s.archived_at is null order by s.id for update of s"
    )


def _present_articles() -> list[Row]:
    return rows(
        "select a.id, a.slug, a.title, a.body, a.published,"
        " coalesce((select array_agg(p.text order by p.id) from article_phrase p where p.article_id = a.id), '{}') as phrasings"
        " from article a where a.archived_at is null order by a.id for update"
    )


_SERVICES = _Noun(
    "services",
    knowledge_files.SERVICES,
    "name",
    "key",
    _present_services,
    _service,
    services.check,
    knowledge.save_service,
)
_ARTICLES = _Noun(
    "articles",
    knowledge_files.ARTICLES,
    "title",
    "slug",
    _present_articles,
    _article,
    lambda _content, _id: None,
    knowledge.save_article,
)


def service_file(viewer: Viewer, kind: str) -> str:
    """All services as a file, for another desk or a spreadsheet."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    return knowledge_files.SERVICES.written(read.service_records(), kind)


def article_file(viewer: Viewer, kind: str) -> str:
    """All articles as a file."""
    viewer.require(Permission.KNOWLEDGE_EDIT)
    return knowledge_files.ARTICLES.written(read.article_records(), kind)
