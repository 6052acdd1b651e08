"""Keep what the bot failed on: one row a turn, in the transaction in which it fails.

The row is the work: one without a vector waits for the worker that reads, one without
a cluster for the worker that groups.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.actions import announcements
from models.db import as_json, atomically, one, rows, run
from models.jobs import Job, enqueue
from models.queries import bot_turns, knowledge
from models.rules import failures
from models.rules.failures import Trigger
from models.rules.learned import Reading
from models.rules.turns import Candidate, Earlier, let_down

_CAPTURE = f"""
insert into failed_response (chat_id, message_id, text, normalized, language, channel_id, session_id, customer_id, reply_id,
                             trigger, candidates, bot_version, model_id, embedding, noise)
select c.id, %(message)s, %(text)s, %(normalized)s, %(language)s, c.channel_id, c.session_id, c.customer_id, %(reply)s,
       %(trigger)s, %(candidates)s,
       coalesce((select t.bot_version from bot_turn t where t.message_id = %(message)s), ({knowledge.VERSION})),
       %(model)s, %(vector)s::vector, %(noise)s
from chat c where c.id = %(chat)s
on conflict (message_id) do nothing
returning id
"""

ANSWERS_LOOKED_AT = 20

_SAID = """
select m.id, m.body, m.created_at, a.id as author_id from message m left join agent a on a.id = m.author_id
where m.chat_id = %(chat)s and m.id > %(after)s and m.kind = 'text' and m.author_kind = 'agent' and m.deleted_at is null
order by m.all_seq limit %(most)s
"""


def capture(
    chat_id: int,
    message_id: int,
    text: str,
    trigger: Trigger,
    *,
    candidates: Sequence[Candidate] = (),
    reply_id: int | None = None,
    reading: Reading | None = None,
) -> bool:
    """Keep one failed turn of a locked chat: `message_id` is the customer's, `reply_id` the answer that was no help.

    False when this turn is known to have failed already; the first reason stays.
    """
    asked = one(
        "select s.language from chat c join customer s on s.id = c.customer_id where c.id = %s",
        (chat_id,),
    )
    assert asked is not None
    kept = one(
        _CAPTURE,
        {
            "chat": chat_id,
            "message": message_id,
            "text": text,
            "normalized": failures.normalize(text),
            "language": failures.language(text, asked["language"]),
            "reply": reply_id,
            "trigger": trigger,
            "candidates": as_json(list(candidates)),
            "model": reading.model_id if reading else None,
            "vector": knowledge.literal(reading.vector) if reading else None,
            "noise": failures.noise(text),
        },
    )
    if kept is not None:
        announcements.make("failure.created", f"failure_{kept['id']}", chat_id=chat_id, subject_id=kept["id"])
        enqueue(Job.EMBED_KNOWLEDGE if reading is None else Job.GROUP_FAILURES)
    return kept is not None


def capture_earlier(chat_id: int, turn: Earlier, trigger: Trigger) -> bool:
    """The same for a turn that is over, whose answer turns out to have been no help."""
    return capture(
        chat_id,
        turn.message_id,
        turn.question,
        trigger,
        candidates=turn.candidates,
        reply_id=turn.reply_id,
        reading=turn.reading,
    )


@atomically
def attach_answers(chat_id: int) -> int:
    """Put beside each failure of a chat what people said to it: the first few things of substance. Returns how many changed.

    Asked for while the chat goes on and once more at its end, so what was corrected or deleted by then is as it reads then.
    """
    changed = 0
    for failure in rows(
        "select id, message_id, answer_message_ids as ids, answer from failed_response where chat_id = %s", (chat_id,)
    ):
        said = rows(_SAID, {"chat": chat_id, "after": failure["message_id"], "most": ANSWERS_LOOKED_AT})
        kept = [each for each in said if failures.answers(each["body"])][: failures.ANSWERS_KEPT]
        words = "\n\n".join(each["body"] for each in kept) or None
        if (failure["ids"], failure["answer"]) == ([each["id"] for each in kept], words):
            continue
        first = kept[0] if kept else {"author_id": None, "created_at": None}
        changed += run(
            "update failed_response set answer = %s, answer_message_ids = %s::bigint[], answered_by_id = %s, answered_at = %s"
            " where id = %s",
            (words, [each["id"] for each in kept], first["author_id"], first["created_at"], failure["id"]),
        )
    return changed


def attach_waiting() -> int:
    """The same for chats that go on. Returns how many failures have an answer now that had none."""
    waiting = rows(
        "select distinct f.chat_id from failed_response f join chat c on c.id = f.chat_id"
        " where f.answered_at is null and f.created_at > clock_timestamp() - interval '2 days'"
        " and c.state in ('active', 'escalated') and c.last_agent_at > f.created_at order by f.chat_id limit 50"
    )
    return sum(attach_answers(each["chat_id"]) for each in waiting)


def take_back(turn: Earlier) -> None:
    """A thumb down that became a thumb up, unless somebody or something has made more of it since."""
    run(
        "delete from failed_response where message_id = %s and trigger = 'thumbs_down' and status = 'open'"
        " and cluster_id is null and decided_at is null",
        (turn.message_id,),
    )


def wishes_person(chat_id: int) -> None:
    """The customer of a locked chat turns away from the bot: keep what it said last, if that is why.

    Who has written again since, or has said that the answer helped, wishes for a person because of something else.
    """
    last = next(iter(bot_turns.before(chat_id)), None)
    trigger = let_down(last)
    if last is None or trigger is None:
        return
    more = one(
        "select 1 as yes where exists (select from message where chat_id = %(chat)s and id > %(turn)s"
        "  and author_kind = 'customer' and kind = 'text')"
        " or exists (select from answer_feedback where message_id = %(reply)s and helped)",
        {"chat": chat_id, "turn": last.message_id, "reply": last.reply_id},
    )
    if more is None:
        capture_earlier(chat_id, last, trigger)
