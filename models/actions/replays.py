"""Replays: asked for, run by a worker turn by turn, cancelled, and what a passed one means for its cluster.

The rows are the work: each question is a row that waits for its verdict. Whoever runs takes
a lease and goes on where another stopped; a verdict is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.actions import cluster_log, news
from models.db import as_json, atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job, enqueue
from models.queries import clusters as read
from models.queries.access import Permission, Viewer
from models.rules.clusters import Deed

LEASE_S = 60
ATTEMPTS = 3
REGRESSION = 500  # formerly good turns asked at the most, those nearest to what changes, then the newest
Row = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What one question came to."""

    turn_id: int
    verdict: str
    said: str | None = None
    source: tuple[str, int, str] | None = None  # kind, number, title
    confidence: float | None = None


@atomically
def ask(
    viewer: Viewer, *, cluster_id: int | None = None, failure_id: int | None = None, change: Row | None = None
) -> int:
    """Ask for a replay of a cluster, or of a single failure, and of the regression set. Returns its number.

    With `change`, the bot is asked as it would be; nothing of it is saved. An older one that still
    runs for the same is cancelled: only the newest answer counts.
    """
    viewer.require(Permission.FAILURE_REVIEW)
    if cluster_id is not None:
        cluster_log.seized(cluster_id, Deed.RENAME)
    elif one("select 1 from failed_response where id = %s", (failure_id,)) is None:
        raise NotFound()
    _must_exist(change)
    for older in rows(
        "update replay set state = 'cancelled', finished_at = clock_timestamp(), lease_until = null"
        " where state in ('waiting', 'running') and (cluster_id = %s or failed_response_id = %s) returning id",
        (cluster_id, failure_id),
    ):
        news.replay(older["id"])
    made = one(
        "insert into replay (cluster_id, failed_response_id, purpose, change, by_agent_id) values (%s, %s, %s, %s::jsonb, %s)"
        " returning id",
        (cluster_id, failure_id, "before" if change else "after", as_json(change), viewer.id),
    )
    assert made is not None
    replay_id: int = made["id"]
    run(
        "insert into replay_turn (replay_id, failed_response_id, question)"
        " select %s, id, text from failed_response where (cluster_id = %s or id = %s) and noise is null order by id",
        (replay_id, cluster_id, failure_id),
    )
    run(
        "insert into replay_turn (replay_id, regression_turn_id, question)"
        " select %s, id, question from regression_turn order by id desc limit %s",
        (replay_id, REGRESSION),
    )
    run(
        "update replay set total = (select count(*) from replay_turn where replay_id = %(id)s) where id = %(id)s",
        {"id": replay_id},
    )
    news.replay(replay_id)
    enqueue(Job.RUN_REPLAY, replay_id)
    return replay_id


@atomically
def cancel(viewer: Viewer, replay_id: int) -> None:
    viewer.require(Permission.FAILURE_REVIEW)
    if one("select 1 from replay where id = %s", (replay_id,)) is None:
        raise NotFound()
    stopped = run(
        "update replay set state = 'cancelled', finished_at = clock_timestamp(), lease_until = null"
        " where id = %s and state in ('waiting', 'running')",
        (replay_id,),
    )
    if not stopped:
        raise Conflict("This replay is over already.", code="finished")
    news.replay(replay_id)


def _must_exist(change: Row | None) -> None:
    for kind in ("article", "service"):
        number = ((change or {}).get(kind) or {}).get(f"{kind}_id")
        if number is not None and one(f"select 1 from {kind} where id = %s", (number,)) is None:
            sentence = f"This {kind} was removed."
            raise Invalid(sentence, code="knowledge_gone", fields={f"{kind}_id": [sentence]})


# --- the worker ------------------------------------------------------------------------------------------------


def due(limit: int = 5) -> list[int]:
    """Replays that wait for a worker, or whose worker is gone."""
    found = rows(
        "select id from replay where state in ('waiting', 'running')"
        " and (lease_until is null or lease_until < clock_timestamp()) order by id limit %s",
        (limit,),
    )
    return [each["id"] for each in found]


@atomically
def claim(replay_id: int) -> Row | None:
    """Take a replay that waits, or that a dead worker left. None when it is over or in other hands."""
    found = one(
        "select r.id, r.attempts, r.change, c.article_id, c.service_id from replay r left join cluster c on c.id = r.cluster_id"
        " where r.id = %s and r.state in ('waiting', 'running')"
        " and (r.lease_until is null or r.lease_until < clock_timestamp()) for update of r skip locked",
        (replay_id,),
    )
    if found is None:
        return None
    if found["attempts"] >= ATTEMPTS:
        fail(replay_id, "worker_lost")
        return None
    run(
        "update replay set state = 'running', attempts = attempts + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (LEASE_S, replay_id),
    )
    news.replay(replay_id)
    return found


def unasked(replay_id: int, limit: int) -> list[Row]:
    """Questions of a replay without a verdict: the next few, with what answered a good turn, and what was no help."""
    return rows(
        "select t.id, t.question, t.regression_turn_id, g.service_id, g.article_id, f.embedding::text as vector, f.model_id,"
        " b.service_id as useless_service_id, b.article_id as useless_article_id from replay_turn t"
        " left join regression_turn g on g.id = t.regression_turn_id"
        " left join failed_response f on f.id = t.failed_response_id"
        " left join bot_turn b on b.message_id = f.message_id"
        "   and f.trigger in ('thumbs_down', 'asked_again', 'person_after_answer')"
        " where t.replay_id = %s and t.verdict is null order by t.id limit %s",
        (replay_id, limit),
    )


@atomically
def record(replay_id: int, verdicts: Sequence[Outcome]) -> bool:
    """Keep what some questions came to, and tell how far it is. False when the replay was cancelled meanwhile."""
    held = one("select state from replay where id = %s for update", (replay_id,))
    if held is None or held["state"] != "running":
        return False
    for each in verdicts:
        kind, number, title = each.source or (None, None, None)
        run(
            "update replay_turn set verdict = %s, said = %s, source_kind = %s, source_id = %s, source_title = %s,"
            " confidence = %s where id = %s and verdict is null",
            (each.verdict, each.said, kind, number, title, each.confidence, each.turn_id),
        )
    _count(replay_id)
    run(
        "update replay set lease_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (LEASE_S, replay_id),
    )
    news.replay(replay_id)
    return True


@atomically
def rest(replay_id: int) -> None:
    """Let others have a turn: whoever is nudged next goes on with it. It went well so far, so the attempts count anew."""
    run("update replay set lease_until = null, attempts = 0 where id = %s and state = 'running'", (replay_id,))


def _count(replay_id: int) -> None:
    """The counts anew from the rows: a failure that was erased meanwhile is no longer among them."""
    run(
        "update replay r set total = t.total, done = t.done, fixed = t.fixed, failing = t.failing, kept = t.kept,"
        " broken = t.broken from (select count(*) as total, count(verdict) as done,"
        " count(*) filter (where verdict = 'fixed') as fixed, count(*) filter (where verdict = 'failing') as failing,"
        " count(*) filter (where verdict = 'kept') as kept, count(*) filter (where verdict = 'broken') as broken"
        " from replay_turn where replay_id = %(id)s) t where r.id = %(id)s",
        {"id": replay_id},
    )


@atomically
def finish(replay_id: int, bot_version: str) -> None:
    """Every question has its verdict. A cluster whose replay passed is proved; what it fixed joins the regression set."""
    held = one("select * from replay where id = %s for update", (replay_id,))
    if held is None or held["state"] != "running":
        return
    _count(replay_id)
    run(
        "update replay set state = 'done', finished_at = clock_timestamp(), lease_until = null, bot_version = %s where id = %s",
        (bot_version, replay_id),
    )
    if held["purpose"] == "after":
        _prove(held["cluster_id"], replay_id)
    news.replay(replay_id)


def _prove(cluster_id: int | None, replay_id: int) -> None:
    run(
        "insert into regression_turn (question, service_id, article_id, origin)"
        " select distinct on (lower(t.question), t.source_kind, t.source_id) t.question,"
        " case when t.source_kind = 'service' then s.id end, case when t.source_kind = 'article' then a.id end, 'replayed'"
        " from replay_turn t left join service s on t.source_kind = 'service' and s.id = t.source_id"
        " left join article a on t.source_kind = 'article' and a.id = t.source_id"
        " where t.replay_id = %s and t.verdict = 'fixed' and num_nonnulls(s.id, a.id) = 1 on conflict do nothing",
        (replay_id,),
    )
    if cluster_id is None:
        return
    proof = read.proof(cluster_id)
    if proof is not None and proof.broken == 0 and proof.percent >= read.needed_percent():
        run(
            "update cluster set proved_at = clock_timestamp(), version = version + 1 where id = %s and proved_at is null",
            (cluster_id,),
        )
    news.cluster(cluster_id)


@atomically
def collect_good_turns() -> int:
    """Questions whose answer a customer called helpful join the regression set, each meaning once. How many are new."""
    return run(
        "insert into regression_turn (message_id, question, service_id, article_id, origin)"
        " select t.message_id, t.question, t.service_id, case when t.service_id is null then t.article_id end, 'confirmed'"
        " from bot_turn t where t.outcome = 'answered' and num_nonnulls(t.service_id, t.article_id) > 0"
        "   and t.at > clock_timestamp() - interval '30 days'"
        "   and not exists (select from failed_response f where f.message_id = t.message_id)"
        "   and not exists (select from regression_turn g where g.message_id = t.message_id)"
        "   and (exists (select from answer_feedback w where w.message_id = t.reply_id and w.helped)"
        "     or exists (select from bot_turn n where n.chat_id = t.chat_id and n.outcome = 'settled' and n.message_id ="
        "                (select min(x.message_id) from bot_turn x where x.chat_id = t.chat_id and x.message_id > t.message_id)))"
        " order by t.message_id limit 200 on conflict do nothing"
    )


@atomically
def fail(replay_id: int, fault: str) -> None:
    """It cannot go on: an article it was to lay over was removed, the model is missing, its worker died thrice."""
    stopped = run(
        "update replay set state = 'failed', fault = %s, finished_at = clock_timestamp(), lease_until = null"
        " where id = %s and state in ('waiting', 'running')",
        (fault, replay_id),
    )
    if stopped:
        news.replay(replay_id)
