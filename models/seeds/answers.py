"""What the demo desk's bot has answered so far, and what its customers thought of it."""

from __future__ import annotations

from models.actions import failures
from models.db import one, rows, run
from models.queries import bot_turns
from models.rules.failures import Trigger

_ANSWERED = """
insert into bot_turn (message_id, chat_id, reply_id, outcome, question, service_id, article_id, bot_version, at)
select distinct on (asked.id) asked.id, reply.chat_id, reply.id, 'answered', asked.body,
       (select s.id from service s where reply.data #>> '{sources,0,kind}' = 'service'
        and s.id = (reply.data #>> '{sources,0,id}')::bigint),
       (select a.id from article a where reply.data #>> '{sources,0,kind}' = 'article'
        and a.id = (reply.data #>> '{sources,0,id}')::bigint),
       '', reply.created_at
from message reply, lateral (
    select m.id, m.body from message m where m.chat_id = reply.chat_id and m.id < reply.id and m.author_kind = 'customer'
    and m.kind = 'text' order by m.id desc limit 1) asked
where reply.author_kind = 'bot' and jsonb_array_length(coalesce(reply.data -> 'sources', '[]')) > 0
order by asked.id, reply.id
on conflict do nothing
"""

_MISSED = """
insert into bot_turn (message_id, chat_id, reply_id, outcome, question, bot_version, at)
select f.message_id, f.chat_id, (select m.id from message m where m.chat_id = f.chat_id and m.id > f.message_id
       and m.author_kind = 'bot' order by m.id limit 1), 'missed', f.text, '', f.created_at
from failed_response f
on conflict do nothing
"""

# Every fifth answer got a thumb, and one thumb in four points down.
_THUMBS = """
insert into answer_feedback (message_id, chat_id, customer_id, helped, at)
select t.reply_id, t.chat_id, c.customer_id, mod(place, 4) <> 0, t.at + interval '20 seconds'
from (select bot_turn.*, row_number() over (order by reply_id) as place from bot_turn where outcome = 'answered') t
join chat c on c.id = t.chat_id
where mod(place, 5) = 0
on conflict do nothing
"""

# An answer, and the next thing was the wish for a person.
_TURNED_AWAY = """
select t.reply_id from bot_turn t join chat c on c.id = t.chat_id
where t.outcome = 'answered' and exists (
    select from message q where q.chat_id = t.chat_id and q.data ->> 'event' = 'queued' and q.data ->> 'how' = 'asked_for_person'
    and not exists (select from message m where m.chat_id = t.chat_id and m.id > t.reply_id and m.id < q.id
                    and m.kind = 'text' and m.author_kind = 'customer'))
order by t.reply_id
"""


def add_answers() -> None:
    """The bot's turns of the history that was just written, thumbs on some of them, and what failed by either."""
    run(_ANSWERED)
    run(_MISSED)
    run(_THUMBS)
    run(
        "update message m set data = m.data || jsonb_build_object('helped', f.helped) from answer_feedback f where f.message_id = m.id"
    )
    for each in rows("select message_id from answer_feedback where not helped order by message_id"):
        _capture(each["message_id"], "thumbs_down")
    for each in rows(_TURNED_AWAY):
        _capture(each["reply_id"], "person_after_answer")
    for each in rows("select distinct chat_id from failed_response order by chat_id"):
        failures.attach_answers(each["chat_id"])


def _capture(reply_id: int, trigger: Trigger) -> None:
    turn = bot_turns.answered_by(reply_id)
    said = one("select chat_id, created_at from message where id = %s", (reply_id,))
    assert turn is not None
    assert said is not None
    failures.capture_earlier(said["chat_id"], turn, trigger)
    run("update failed_response set created_at = %s where message_id = %s", (said["created_at"], turn.message_id))
