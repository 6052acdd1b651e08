"""The desk goes over to another language model: everything is read anew beside the old vectors, then all at once.

The old vectors answer until the end. Each batch is a transaction, so a worker killed in the middle loses one
batch; whoever goes on begins after the last vector there is. The change itself is one transaction: vectors,
what was learned of them, how sure is sure enough, the middles of clusters.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.actions import audit, grouping, knowledge, news
from models.db import atomically, one, rows, run
from models.errors import Conflict, Invalid, NotFound
from models.jobs import Job, enqueue
from models.queries import reembedding as read
from models.queries.access import Permission, Viewer
from models.queries.knowledge import Unread, literal
from models.rules.embedders import MODELS
from models.rules.learned import Learned, Vector

LEASE_S = 30  # a batch takes a second or two; a model that loads on a busy machine, twenty
LEARNING_S = 120
ATTEMPTS = 5  # workers that died without getting any further
REMOVED_AT_ONCE = 5_000
LATE_S = 300  # a turn that was read before the change is kept at most so long after it


@atomically
def start(viewer: Viewer, model_id: str) -> int:
    """Begin to read everything with another model. Returns the number of the change."""
    viewer.require(Permission.AGENT_MANAGE)
    if model_id not in MODELS:
        sentence = "There is no model of this name."
        raise Invalid(sentence, fields={"model_id": [sentence]})
    desk = one("select embedding_model from desk where id = 1 for update")
    assert desk is not None
    if desk["embedding_model"] == model_id:
        raise Conflict("The desk reads with this model already.", code="same_model")
    if read.coming_model() is not None:
        raise Conflict("The desk is going over to another model already.", code="model_changing")
    said = one("select available, fault from embedding_model where id = %s", (model_id,))
    if said is None or not said["available"]:
        raise Conflict((said and said["fault"]) or "No worker has this model.", code="model_missing")
    made = one(
        "insert into reembedding (model_id, from_model_id, by_agent_id, texts) values (%s, %s, %s, %s) returning id",
        (model_id, desk["embedding_model"], viewer.id, read.count()),
    )
    assert made is not None
    audit.note(viewer, "change_started", "model", made["id"], model_id)
    news.catalogue("model")
    enqueue(Job.REEMBED)
    number: int = made["id"]
    return number


@atomically
def cancel(viewer: Viewer, reembedding_id: int) -> None:
    """Stop a change that is still going on. The desk stays with the model it has."""
    viewer.require(Permission.AGENT_MANAGE)
    found = one("select model_id, state from reembedding where id = %s for update", (reembedding_id,))
    if found is None:
        raise NotFound()
    if found["state"] != "running":
        raise Conflict("This change is over already.", code="finished")
    _finish(reembedding_id, "cancelled")
    audit.note(viewer, "change_cancelled", "model", reembedding_id, found["model_id"])
    enqueue(Job.REEMBED)


# --- the worker ------------------------------------------------------------------------------------------------


@atomically
def claim() -> dict[str, object] | None:
    """The change that is going on, for one worker at a time. One that kills each of its workers is given up."""
    found = one(
        "select id, model_id, attempts from reembedding where state = 'running'"
        " and (lease_until is null or lease_until < clock_timestamp()) for update skip locked"
    )
    if found is None:
        return None
    if found["attempts"] >= ATTEMPTS:
        _finish(found["id"], "failed", "The worker that reads died several times at the same place.")
        return None
    run("update reembedding set attempts = attempts + 1 where id = %s", (found["id"],))
    _hold(found["id"], LEASE_S)
    return found


@atomically
def record(reembedding_id: int, texts: Sequence[Unread], vectors: Sequence[Vector]) -> bool:
    """Keep what was read, and tell how far it is. False when the change was cancelled meanwhile."""
    if not _still_running(reembedding_id):
        return False
    new = run(
        "insert into coming_vector (reembedding_id, place, text_id, embedding)"
        " select %s, place, id, vector::vector from unnest(%s::text[], %s::bigint[], %s::text[]) as read (place, id, vector)"
        " on conflict do nothing",
        (
            reembedding_id,
            [text.place for text in texts],
            [text.id for text in texts],
            [literal(vector) for vector in vectors],
        ),
    )
    run(
        "update reembedding set read = read + %s, texts = greatest(texts, read + %s), attempts = 0 where id = %s",
        (new, new, reembedding_id),
    )
    _hold(reembedding_id, LEASE_S)
    news.catalogue("model")
    return True


@atomically
def think(reembedding_id: int) -> bool:
    """Hold the change for as long as learning takes. False when it was cancelled meanwhile."""
    if not _still_running(reembedding_id):
        return False
    _hold(reembedding_id, LEARNING_S)
    return True


@atomically
def rest(reembedding_id: int) -> None:
    """Let whoever is nudged next go on."""
    run("update reembedding set lease_until = null where id = %s and state = 'running'", (reembedding_id,))


@atomically
def fail(reembedding_id: int, fault: str) -> None:
    """It cannot go on; the desk stays with the model it has."""
    if _still_running(reembedding_id):
        _finish(reembedding_id, "failed", fault)


@atomically
def change_over(reembedding_id: int, learned: Learned, fingerprint: str) -> bool:
    """The coming vectors take the place of the old ones, with all that was learned of them. False: cancelled meanwhile.

    A text that came in at the last moment waits for its vector like any new one.
    """
    run("set local statement_timeout = '10min'")  # a hundred thousand failures are a long statement
    grouping.in_order()
    desk = one("select embedding_model from desk where id = 1 for update")
    found = one("select model_id, state from reembedding where id = %s for update", (reembedding_id,))
    if desk is None or found is None or found["state"] != "running":
        return False
    model_id: str = found["model_id"]
    for place, kept in read.PLACES.items():
        _replace(reembedding_id, place, kept.key, model_id)
    run("update desk set embedding_model = %s, updated_at = clock_timestamp() where id = 1", (model_id,))
    knowledge.remember(learned, knowledge=fingerprint)
    _move_clusters(model_id)
    _ask_replays_anew()
    _finish(reembedding_id, "done")
    news.catalogue("settings")
    for job in (Job.EMBED_KNOWLEDGE, Job.DESCRIBE_CLUSTERS, Job.REEMBED):
        enqueue(job)
    return True


def _replace(reembedding_id: int, place: str, key: str, model_id: str) -> None:
    named = place in ("failed_response", "bot_turn")
    model = ", model_id = case when v.embedding is not null then %(model)s end" if named else ""
    run(
        f"update {place} t set embedding = v.embedding{model} from {place} o left join coming_vector v"
        f" on v.reembedding_id = %(job)s and v.place = %(place)s and v.text_id = o.{key}"
        f" where o.{key} = t.{key} and (t.embedding is not null or v.embedding is not null)",
        {"job": reembedding_id, "place": place, "model": model_id},
    )


def _move_clusters(model_id: str) -> None:
    """Middles of what their members are now; what is said of a cluster was said of other vectors and is said anew."""
    run(
        "update cluster set model_id = %s, centroid = array_fill(0::real, array[%s])::vector, size = 0, facts = null,"
        " described_at = null",
        (model_id, MODELS[model_id].dimensions),
    )
    run(
        "update cluster c set centroid = m.middle, size = m.n from (select cluster_id, count(*)::int as n,"
        " avg(embedding) as middle from failed_response where cluster_id is not null and embedding is not null"
        " group by cluster_id) m where m.cluster_id = c.id"
    )
    run("update cluster_proposal set state = 'outdated', decided_at = clock_timestamp() where state = 'open'")


def _ask_replays_anew() -> None:
    """Half a replay of one model and half of another would prove nothing of either."""
    begun = [each["id"] for each in rows("select id from replay where state in ('waiting', 'running') for update")]
    run(
        "update replay_turn set verdict = null, said = null, source_kind = null, source_id = null, source_title = null,"
        " confidence = null where replay_id = any(%s)",
        (begun,),
    )
    run(
        "update replay set state = 'waiting', done = 0, fixed = 0, failing = 0, kept = 0, broken = 0, attempts = 0,"
        " lease_until = null where id = any(%s)",
        (begun,),
    )


@atomically
def tidy() -> int:
    """Remove what is left of changes that are over, a few thousand at a time; returns how many vectors that was.

    A turn that was read with the old model before the change, and kept after it, is unread again.
    """
    over = one(
        "select max(finished_at) as at from reembedding where state = 'done'"
        f" and finished_at > clock_timestamp() - interval '{LATE_S} s'"
    )
    if over is not None and over["at"] is not None:
        _unread_late(over["at"])
    return run(
        "delete from coming_vector where ctid in (select v.ctid from coming_vector v join reembedding r"
        " on r.id = v.reembedding_id where r.state <> 'running' limit %s)",
        (REMOVED_AT_ONCE,),
    )


def _unread_late(changed_at: object) -> None:
    late = f"> %s::timestamptz - interval '{LATE_S} s' and model_id <> (select embedding_model from desk where id = 1)"
    unread = run(
        "update failed_response set embedding = null, model_id = null, looked_at = case when cluster_id is not null"
        f" then looked_at end where created_at {late}",
        (changed_at,),
    )
    run(f"update bot_turn set embedding = null, model_id = null where at {late}", (changed_at,))
    if unread:
        enqueue(Job.EMBED_KNOWLEDGE)


def _still_running(reembedding_id: int) -> bool:
    held = one("select state from reembedding where id = %s for update", (reembedding_id,))
    return held is not None and held["state"] == "running"


def _hold(reembedding_id: int, seconds: int) -> None:
    run(
        "update reembedding set lease_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (seconds, reembedding_id),
    )


def _finish(reembedding_id: int, state: str, fault: str | None = None) -> None:
    run(
        "update reembedding set state = %s, fault = %s, lease_until = null, finished_at = clock_timestamp() where id = %s",
        (state, fault, reembedding_id),
    )
    news.catalogue("model")
