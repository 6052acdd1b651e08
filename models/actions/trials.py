"""A question tried on the bot: asked by somebody of the desk, answered by the worker that thinks, and forgotten."""

from __future__ import annotations

from models.actions.chat_log import Row
from models.db import as_json, atomically, one, rows, run
from models.jobs import Job, enqueue
from models.queries.access import Permission, Viewer


@atomically
def ask(viewer: Viewer, question: str) -> int:
    """Have the bot think about a question as it would now. Returns the trial's number."""
    viewer.require(Permission.CHAT_READ)
    made = one("insert into bot_trial (agent_id, question) values (%s, %s) returning id", (viewer.id, question))
    assert made is not None
    trial_id: int = made["id"]
    enqueue(Job.TRY_QUESTION, trial_id)
    return trial_id


def question(trial_id: int) -> str | None:
    """What is to be thought about; None when it was answered already, or is gone."""
    found = one("select question from bot_trial where id = %s and answered_at is null", (trial_id,))
    return found["question"] if found else None


def open_ones() -> list[int]:
    """Trials whose nudge was lost. Those whose asker has long gone are removed on the way."""
    run("delete from bot_trial where asked_at < clock_timestamp() - interval '1 day'")
    return [
        each["id"]
        for each in rows(
            "select id from bot_trial where answered_at is null and asked_at > clock_timestamp() - interval '1 minute' order by id"
        )
    ]


@atomically
def answer(trial_id: int, *, verdict: Row | None = None, fault: str | None = None) -> None:
    """Keep what the bot would say, or why it could not think."""
    run(
        "update bot_trial set verdict = %s, fault = %s, answered_at = clock_timestamp() where id = %s and answered_at is null",
        (as_json(verdict), fault, trial_id),
    )
