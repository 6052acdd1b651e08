"""Services and articles as those who look after them see them; every agent may read."""

from __future__ import annotations

from typing import Any

from models.db import one, rows
from models.errors import NotFound
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out, Row, moment

LISTED = 500

# What both have: who changed it, how often it answered lately, and what customers thought of it.
_KEPT = """
    a.id as by_id, a.name as by_name, a.hue as by_hue,
    coalesce(lately.answers, 0) as answers, coalesce(lately.helped, 0) as helped, coalesce(lately.no_help, 0) as no_help
"""

_LATELY = """
    select count(*)::int as answers, (count(*) filter (where f.helped))::int as helped,
           (count(*) filter (where not f.helped))::int as no_help
    from bot_turn b left join answer_feedback f on f.message_id = b.reply_id
    where b.outcome = 'answered' and b.at > clock_timestamp() - interval '30 days'
"""

_STATE = """
    case when e.archived_at is not null then 'archived' when live then 'published'
         when e.published_at is null then 'draft' else 'disabled' end
"""

_SERVICES = f"""
select * from (
    select e.id, e.name, e.description, e.handover, e.version, e.updated_at, e.answer, e.quick_replies, e.team_id, e.enabled,
           {_STATE.replace("live", "e.enabled")} as state, t.name as team_name, t.hue as team_hue, {_KEPT},
           phrases.phrasing_count, phrases.unread
    from service e left join team t on t.id = e.team_id left join agent a on a.id = e.changed_by_id
    left join lateral ({_LATELY} and b.service_id = e.id) lately on true
    left join lateral (
        select (count(*) filter (where p.origin = 'example'))::int as phrasing_count,
               (count(*) filter (where p.embedding is null))::int as unread
        from service_phrase p where p.service_id = e.id) phrases on true
    where %(id)s is null or e.id = %(id)s
) kept where (case when %(state)s::text is null then %(id)s is not null or state <> 'archived' else state = %(state)s end)
"""

_SERVICE_FOUND = """
 and (%(q)s = '' or name ilike %(part)s or description ilike %(part)s or answer ilike %(part)s
      or exists (select from service_phrase p where p.service_id = kept.id and p.origin = 'example' and p.text ilike %(part)s))
"""

_ARTICLES = f"""
select * from (
    select e.id, e.title, e.body, e.version, e.updated_at, {_STATE.replace("live", "e.published")} as state, {_KEPT},
           phrases.phrasing_count, phrases.unread + chunks.unread as unread, d.article_id is not null as has_draft,
           d.title as draft_title, d.body as draft_body, d.phrasings as draft_phrasings, d.updated_at as draft_at,
           da.id as draft_by_id, da.name as draft_by_name, da.hue as draft_by_hue
    from article e left join agent a on a.id = e.changed_by_id
    left join article_draft d on d.article_id = e.id left join agent da on da.id = d.by_agent_id
    left join lateral ({_LATELY} and b.article_id = e.id) lately on true
    left join lateral (
        select count(*)::int as phrasing_count, (count(*) filter (where p.embedding is null))::int as unread
        from article_phrase p where p.article_id = e.id) phrases on true
    left join lateral (
        select (count(*) filter (where c.embedding is null))::int as unread
        from article_chunk c where c.article_id = e.id) chunks on true
    where %(id)s is null or e.id = %(id)s
) kept where (case when %(state)s::text is null then %(id)s is not null or state <> 'archived' else state = %(state)s end)
"""

_ARTICLE_FOUND = """
 and (%(q)s = '' or title ilike %(part)s or body ilike %(part)s or draft_title ilike %(part)s or draft_body ilike %(part)s
      or exists (select from article_phrase p where p.article_id = kept.id and p.text ilike %(part)s))
"""


def services(viewer: Viewer, q: str = "", state: str | None = None) -> Out:
    """A `ServiceList`, by name: those that hold the words anywhere."""
    viewer.require(Permission.CHAT_READ)
    found = rows(_SERVICES + _SERVICE_FOUND + " order by lower(name), id", _asked(q, state))
    return {
        "items": [_service_brief(each) for each in found[:LISTED]],
        "total": len(found),
        "editable": viewer.may(Permission.KNOWLEDGE_EDIT),
    }


def service(viewer: Viewer, service_id: int) -> Out:
    """A `ServiceOut`, archived or not."""
    viewer.require(Permission.CHAT_READ)
    found = one(_SERVICES, {"id": service_id, "state": None})
    if found is None:
        raise NotFound()
    content = {key: found[key] for key in ("name", "description", "answer", "team_id", "handover", "enabled")}
    return {
        **_service_brief(found),
        "content": {
            **content,
            "quick_replies": found["quick_replies"],
            "phrasings": _texts("service", service_id),
        },
    }


def service_versions(viewer: Viewer, service_id: int) -> Out:
    """A `ServiceVersionList`, newest first."""
    service(viewer, service_id)
    return _versions("service", service_id)


def articles(viewer: Viewer, q: str = "", state: str | None = None) -> Out:
    """An `ArticleList`, by title: those that hold the words anywhere, in their draft too."""
    viewer.require(Permission.CHAT_READ)
    found = rows(_ARTICLES + _ARTICLE_FOUND + " order by lower(coalesce(draft_title, title)), id", _asked(q, state))
    return {
        "items": [_article_brief(each) for each in found[:LISTED]],
        "total": len(found),
        "editable": viewer.may(Permission.KNOWLEDGE_EDIT),
    }


def article(viewer: Viewer, article_id: int) -> Out:
    """An `ArticleOut`, archived or not, with its draft."""
    viewer.require(Permission.CHAT_READ)
    found = one(_ARTICLES, {"id": article_id, "state": None})
    if found is None:
        raise NotFound()
    draft = None
    if found["has_draft"]:
        draft = {
            "title": found["draft_title"],
            "body": found["draft_body"],
            "phrasings": found["draft_phrasings"],
            "by": _agent(found, "draft_by_"),
            "updated_at": moment(found["draft_at"]),
        }
    content = {"title": found["title"], "body": found["body"], "phrasings": _texts("article", article_id)}
    return {**_article_brief(found), "content": content, "draft": draft}


def article_versions(viewer: Viewer, article_id: int) -> Out:
    """An `ArticleVersionList`, newest first."""
    article(viewer, article_id)
    return _versions("article", article_id)


def service_records() -> list[dict[str, Any]]:
    """Every service that is not archived, as a file holds it."""
    return rows(
        "select s.key, s.name, s.description, s.answer, s.quick_replies, s.handover, s.enabled, t.name as team,"
        " coalesce((select array_agg(p.text order by p.id) from service_phrase p"
        "  where p.service_id = s.id and p.origin = 'example'), '{}') as phrasings"
        " from service s left join team t on t.id = s.team_id where s.archived_at is null order by lower(s.name), s.id"
    )


def article_records() -> list[dict[str, Any]]:
    """Every article that is not archived, as a file holds it: what is published, or what was; drafts stay here."""
    return rows(
        "select a.slug, a.title, a.body, a.published,"
        " coalesce((select array_agg(p.text order by p.id) from article_phrase p where p.article_id = a.id), '{}') as phrasings"
        " from article a where a.archived_at is null and a.body <> '' order by lower(a.title), a.id"
    )


def trial(viewer: Viewer, trial_id: int) -> Out:
    """A `BotTrialOut` of one's own."""
    found = one(
        "select id, question, verdict, fault from bot_trial where id = %s and agent_id = %s", (trial_id, viewer.id)
    )
    if found is None:
        raise NotFound()
    return found


def _asked(q: str, state: str | None) -> dict[str, Any]:
    part = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return {"q": q, "part": part, "state": state, "id": None}


def _texts(noun: str, owner_id: int) -> list[str]:
    only = " and origin = 'example'" if noun == "service" else ""
    found = rows(f"select text from {noun}_phrase where {noun}_id = %s{only} order by id", (owner_id,))
    return [each["text"] for each in found]


def _versions(noun: str, owner_id: int) -> Out:
    found = rows(
        f"select version, at, by_name, content from {noun}_version where {noun}_id = %s order by version desc limit 100",
        (owner_id,),
    )
    return {"items": [{**each, "at": moment(each["at"])} for each in found]}


def _agent(row: Row, prefix: str) -> Out | None:
    if row[prefix + "id"] is None:
        return None
    return {key: row[prefix + key] for key in ("id", "name", "hue")}


def _kept(row: Row) -> Out:
    counted = ("id", "state", "phrasing_count", "unread", "answers", "helped", "no_help", "version")
    return {
        **{key: row[key] for key in counted},
        "updated_at": moment(row["updated_at"]),
        "changed_by": _agent(row, "by_"),
    }


def _service_brief(row: Row) -> Out:
    team = None
    if row["team_id"] is not None:
        team = {"id": row["team_id"], "name": row["team_name"], "hue": row["team_hue"]}
    return {**_kept(row), **{key: row[key] for key in ("name", "description", "handover")}, "team": team}


def _article_brief(row: Row) -> Out:
    shown = row["draft_body"] if row["has_draft"] and row["state"] == "draft" else row["body"]
    title = row["draft_title"] if row["has_draft"] and row["state"] == "draft" else row["title"]
    return {**_kept(row), "title": title, "has_draft": row["has_draft"], "words": len(shown.split())}
