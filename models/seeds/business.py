"""What is under way on the demo desk beside its chats: rules, promises, facts and notes about people, mentions.

Written once, with the history; what people changed since stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from models.actions import escalations
from models.actions.conversation import agent_draft, say
from models.db import one, rows
from models.queries.access import Viewer
from models.rules.defaults import DEFAULTS
from models.seeds import bulk
from models.seeds.cast import Cast, Person
from models.seeds.content import load
from models.tables.customers import Customer, CustomerNote
from models.tables.desk import Attribute, CannedMessage, RoutingRule
from models.tables.people import Team
from models.tables.promises import Promise

Content = Mapping[str, Any]


def add_business(cast: Cast, now: datetime) -> None:
    """Put everything on a desk whose history has just been written."""
    content: Content = load("business")
    _add_attributes(content, cast)
    _add_notes(content["notes"], cast, now)
    _add_rules(content["rules"], cast)
    _add_promises(content["promises"], now)
    _add_mentions(content["mentions"], cast)
    _add_escalations(content["escalations"], cast, now)
    bulk.insert(
        CannedMessage,
        [
            {**{key: each[key] for key in ("shortcut", "title", "body")}, "agent_id": cast.agents[each["agent"]].id}
            for each in content["personal_canned"]
        ],
    )


def _add_attributes(content: Content, cast: Cast) -> None:
    bulk.insert(Attribute, [{**each, "ord": place} for place, each in enumerate(content["attributes"], 1)])
    for key, facts in content["facts"].items():
        Customer.update(attributes=facts).where(Customer.id == cast.customers[key].id).execute()


def _add_notes(notes: Sequence[Mapping[str, str]], cast: Cast, now: datetime) -> None:
    bulk.insert(
        CustomerNote,
        [
            {
                "customer_id": cast.customers[note["customer"]].id,
                "agent_id": cast.agents[note["agent"]].id,
                "body": note["body"],
                "created_at": now - timedelta(days=11 * place),
            }
            for place, note in enumerate(notes, 1)
        ],
    )


def _add_rules(rules: Sequence[Content], cast: Cast) -> None:
    bulk.insert(
        RoutingRule,
        [
            {
                "ord": place,
                "name": rule["name"],
                "enabled": True,
                "conditions": rule["conditions"],
                "team_id": cast.teams[rule["team"]],
                "priority": rule["priority"],
            }
            for place, rule in enumerate(rules, 1)
        ],
    )


def _add_promises(content: Content, now: datetime) -> None:
    """Every chat that ended with "will be contacted" made a promise: the newest are open, the rest were kept."""
    made = rows(
        "select id, session_id, customer_id, ended_owner_id, ended_at from chat"
        " where end_reason = 'follow_up' and ended_owner_id is not null order by ended_at desc"
    )
    due = content["due_in_minutes"]
    promises = []
    for place, chat in enumerate(made):
        is_open = place < len(due)
        due_at = now + timedelta(minutes=due[place]) if is_open else chat["ended_at"] + DEFAULTS.promise
        promises.append(
            {
                "kind": "follow_up",
                "chat_id": chat["id"],
                "session_id": chat["session_id"],
                "customer_id": chat["customer_id"],
                "owner_id": chat["ended_owner_id"],
                "made_by_id": chat["ended_owner_id"],
                "made_at": chat["ended_at"],
                "due_at": due_at,
                "note": content["notes"][place % len(content["notes"])],
                "state": "open" if is_open else "kept",
                "settled_at": None if is_open else min(due_at, now),
                "settled_note": "" if is_open else "Called, and it is settled.",
                "overdue_told_at": now if is_open and due_at < now else None,
            }
        )
    bulk.insert(Promise, promises)


def _add_mentions(mentions: Sequence[Mapping[str, str]], cast: Cast) -> None:
    for place, each in enumerate(mentions):
        writer, named = cast.agents[each["agent"]], cast.agents[each["of"]]
        chat = one(
            "select id from chat where customer_id = %s and state <> 'ended'", (cast.customers[each["chat"]].id,)
        )
        if chat is None:
            continue
        say(
            agent_draft(
                _at_the_desk(writer),
                chat_id=chat["id"],
                client_id=f"demo-mention-{place}",
                body=each["body"].format(name=named.name),
                internal=True,
                mentions=[{"kind": "agent", "id": named.id}],
            )
        )


def _add_escalations(offered: Sequence[Content], cast: Cast, now: datetime) -> None:
    """Chats that are being passed on. Their teams are patient: whoever tries the demo has time to look inside."""
    patient = [
        {"do": "remind", "after_s": 3600, "team_id": None},
        {"do": "origin", "after_s": 6 * 3600, "team_id": None},
    ]
    for each in offered:
        team_id = cast.teams[each["team"]]
        Team.update(escalation_steps=patient).where(Team.id == team_id).execute()
        chat = one(
            "select id from chat where customer_id = %s and state = 'active'", (cast.customers[each["chat"]].id,)
        )
        if chat is not None:
            escalations.escalate(
                _at_the_desk(cast.agents[each["agent"]]),
                chat["id"],
                each["note"],
                team_id=team_id,
                expected_at=now + timedelta(minutes=each["expected_minutes"]),
                anyway=True,
            )


def _at_the_desk(agent: Person) -> Viewer:
    """The agent as the rules see them, without a sign-in: nobody has opened a browser yet."""
    found = one(
        "select a.role, coalesce(array_agg(m.team_id) filter (where m.team_id is not null), '{}') as teams"
        " from agent a left join team_member m on m.agent_id = a.id where a.id = %s group by a.id",
        (agent.id,),
    )
    assert found is not None
    return Viewer(agent.id, agent.name, agent.hue, found["role"], tuple(found["teams"]), 0)
