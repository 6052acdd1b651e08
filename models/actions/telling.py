"""Webhooks are told: one delivery at a time in a worker's hand, in the order of its chat, again when it was not taken.

A delivery is told at least once. One whose worker died, or whose answer never came, is told again under the same id,
and whoever listens knows it by that.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from models import jobs, vault
from models.actions import news
from models.actions.chat_log import db_now
from models.db import atomically, one, rows, run
from models.jobs import Job
from models.rules import hook_events, hooks
from models.tables.desk import AuditEntry

KEPT_DAYS = 30  # of the log
GONE = 410  # the one answer by which a server says: never again


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery in the hands of one worker. `secret` is open, and only ever held for the length of one request."""

    id: int
    webhook_id: int
    event: str
    event_id: str
    attempt: int
    url: str
    secret: str = field(repr=False)


# The first of a chat's line is looked up by its index and not joined (`inbox` says why).
_NEXT = """
select d.id, d.event, d.event_id, d.attempts, w.url, w.secret
from webhook_delivery d join webhook w on w.id = d.webhook_id
where d.webhook_id = %(hook)s and d.state = 'waiting' and d.due_at <= clock_timestamp()
  and (d.event = %(test)s or (w.state = 'on' and (w.rest_until is null or w.rest_until <= clock_timestamp())))
  and (d.chat_id is null or d.id = (
       select e.id from webhook_delivery e where e.webhook_id = d.webhook_id and e.chat_id = d.chat_id
       and e.state in ('waiting', 'claimed') order by e.id limit 1))
order by d.id limit 1 for update of d skip locked
"""


@atomically
def claim(webhook_id: int) -> Claimed | None:
    """Take what this webhook is to be told next. Of one chat only the oldest, so that its story is told in order."""
    found = one(_NEXT, {"hook": webhook_id, "test": hook_events.TEST})
    if found is None:
        return None
    run(
        "update webhook_delivery set state = 'claimed', attempts = attempts + 1,"
        " lease_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
        (hooks.LEASE_S, found["id"]),
    )
    try:
        secret = vault.unseal(found["secret"])["signing"]
    except vault.Unopenable:
        secret = ""
    return Claimed(
        found["id"], webhook_id, found["event"], found["event_id"], found["attempts"] + 1, found["url"], secret
    )


@atomically
def settle(claimed: Claimed, *, status: int | None, fault: str | None, took_ms: int) -> None:
    """Note how an attempt ended. Who comes so late that it is another's by now changes nothing."""
    held = one(
        "select id from webhook_delivery where id = %s and state = 'claimed' and attempts = %s for update",
        (claimed.id, claimed.attempt),
    )
    if held is None:
        return
    took = hooks.took(status)
    wait = hooks.again_in(claimed.attempt)
    over = took or wait is None or status == GONE or claimed.event == hook_events.TEST
    run(
        "update webhook_delivery set state = %(state)s, status = %(status)s, fault = %(fault)s, took_ms = %(took)s,"
        " lease_until = null, settled_at = case when %(over)s then clock_timestamp() end,"
        " due_at = case when %(over)s then due_at else clock_timestamp() + make_interval(secs => %(wait)s) end"
        " where id = %(id)s",
        {
            "state": "sent" if took else "dead" if over else "waiting",
            "status": status,
            "fault": fault,
            "took": took_ms,
            "over": over,
            "wait": wait or 0,
            "id": claimed.id,
        },
    )
    if took:
        _listens(claimed.webhook_id)
    elif claimed.event != hook_events.TEST:  # what somebody tries out says nothing about how it does otherwise
        _fails(claimed.webhook_id, gone=status == GONE)
    if over:
        news.catalogue("webhooks")


@atomically
def drop(claimed: Claimed) -> None:
    """What it was about is gone: there is nothing to tell."""
    run("delete from webhook_delivery where id = %s and attempts = %s", (claimed.id, claimed.attempt))


def _listens(webhook_id: int) -> None:
    run(
        "update webhook set last_at = clock_timestamp(), failures = 0, failing_since = null, rest_until = null where id = %s",
        (webhook_id,),
    )


def _fails(webhook_id: int, *, gone: bool) -> None:
    (hook,) = rows(
        "update webhook set failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp())"
        " where id = %s returning failures, failing_since, name, state, clock_timestamp() as now",
        (webhook_id,),
    )
    if gone or hook["now"] - hook["failing_since"] >= hooks.OFF_AFTER:
        _switch_off(webhook_id, hook["name"], "gone" if gone else "failed_for_days")
    elif rest := hooks.rest_s(hook["failures"]):
        run(
            "update webhook set rest_until = clock_timestamp() + make_interval(secs => %s) where id = %s",
            (rest, webhook_id),
        )


def _switch_off(webhook_id: int, name: str, why: str) -> None:
    """Nothing is kept for it any more. What waited is in the log, to be told again once it listens."""
    if not run("update webhook set state = 'off', rest_until = null where id = %s and state <> 'off'", (webhook_id,)):
        return
    run(
        "update webhook_delivery set state = 'dead', settled_at = clock_timestamp(), fault = coalesce(fault, 'switched_off')"
        " where webhook_id = %s and state = 'waiting'",
        (webhook_id,),
    )
    AuditEntry.insert(
        agent_name="",
        what="switched_off",
        target="webhook",
        target_id=str(webhook_id),
        target_name=name,
        after={"why": why},
    ).execute()


@atomically
def sweep() -> None:
    """Take back what dead workers hold, ask for whatever is due, and forget what was settled long ago."""
    run(
        "update webhook_delivery set state = 'waiting', lease_until = null, fault = 'worker_died'"
        " where state = 'claimed' and lease_until <= clock_timestamp()"
    )
    due = rows(
        "select distinct d.webhook_id as id from webhook_delivery d join webhook w on w.id = d.webhook_id"
        " where d.state = 'waiting' and d.due_at <= clock_timestamp() and (d.event = %s or"
        "  (w.state = 'on' and (w.rest_until is null or w.rest_until <= clock_timestamp())))",
        (hook_events.TEST,),
    )
    for each in due:
        jobs.enqueue(Job.SEND_WEBHOOKS, each["id"])
    run(
        "delete from webhook_delivery where id in (select id from webhook_delivery"
        " where settled_at < clock_timestamp() - make_interval(days => %s) limit 1000)",
        (KEPT_DAYS,),
    )
    now = db_now()
    for off in rows(
        "select id, name from webhook where state = 'on' and failing_since <= %s", (now - hooks.OFF_AFTER,)
    ):
        _switch_off(off["id"], off["name"], "failed_for_days")
        news.catalogue("webhooks")
