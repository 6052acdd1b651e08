"""Escalations that fall due while workers die: how late each timer is, and whether any has two effects (F15).

python -m bench.escalations                 a quiet minute, then one with SIGKILL every 15 s
python -m bench.escalations --seconds 30
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Sequence

from bench import report
from bench.desk import Desk, desk
from models.actions import escalations
from models.db import connect, connection, rows, run
from models.queries.access import Viewer
from models.settings import settings

CHATS = 300
SECONDS = 60
KILL_EVERY_S = 15
DUE_S = (2, 40)  # an offer falls due so long after it was made
PROMISED_S = {"quiet": 5, "killed": 20}
SETTLED_WITHIN_S = 120

_LATE = """
select extract(epoch from decided_at - due_at)::float as late from escalation
where id > %s and state = 'timed_out' order by 1
"""

_TWICE = """
select count(*)::int as n from (
    select o.id from escalation o join message m on m.chat_id = o.chat_id
        and (m.data ->> 'escalation_id')::bigint = o.id and m.data ->> 'event' = 'escalation_timed_out'
    where o.id > %s group by o.id having count(*) <> 1) broken
"""


def measure(found: Desk, name: str, parts_to_kill: Sequence[str], seconds: int) -> list[str]:
    """Make offers for so long, let all of them time out, and see how late each was settled."""
    newest = rows("select coalesce(max(id), 0) as id from escalation")[0]["id"]
    dice, made, kills = random.Random(1), 0, 0
    began, killed_at = time.monotonic(), time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        made += _offer(dice)
        if parts_to_kill and time.monotonic() - killed_at > KILL_EVERY_S:
            for part in parts_to_kill:
                found.kill(part)
            found.launch(*parts_to_kill)
            killed_at, kills = time.monotonic(), kills + 1
        time.sleep(max(0.0, seconds / CHATS - (time.monotonic() - began - elapsed)))
    patience = time.monotonic() + SETTLED_WITHIN_S
    while rows("select 1 as yes from escalation where state = 'pending' limit 1") and time.monotonic() < patience:
        time.sleep(0.5)
    late = [each["late"] for each in rows(_LATE, (newest,))]
    twice = rows(_TWICE, (newest,))[0]["n"]
    left = rows("select count(*)::int as n from escalation where state = 'pending'")[0]["n"]
    return [
        name,
        str(made),
        str(kills),
        f"{late[0]:.2f}" if late else "-",
        f"{late[len(late) // 2]:.2f}" if late else "-",
        f"{late[-1]:.2f}" if late else "-",
        str(PROMISED_S["killed" if parts_to_kill else "quiet"]),
        str(twice),
        str(left),
    ]


def _offer(dice: random.Random) -> int:
    """One chat whose owner has it is offered to a team that will not answer. How many were."""
    run(
        "update desk set escalation_steps = jsonb_build_array(jsonb_build_object("
        "'do', 'origin', 'after_s', %s::int, 'team_id', null))",
        (dice.randint(*DUE_S),),
    )
    found = rows(
        "select c.id, c.owner_id, a.name from chat c join agent a on a.id = c.owner_id where c.state = 'active'"
        " order by random() limit 1"
    )
    if not found:
        return 0
    owner = Viewer(found[0]["owner_id"], found[0]["name"], 1, "agent", (), 0)
    escalations.escalate(owner, found[0]["id"], "Measured.", team_id=1 + found[0]["id"] % 3, anyway=True)
    return 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    asked = parser.parse_args()
    with desk(chats=CHATS, parts=("web", "desk", "beat")) as found:
        found.lend_environment(connections=4)
        connect(settings())
        with connection():
            run(
                "insert into socket_lease (sid, front, agent_id, seen_at)"
                " select 'bench-' || id, 'bench', id, '2100-01-01' from agent"
            )
            table = [
                measure(found, "nobody dies", (), asked.seconds),
                measure(found, f"SIGKILL of worker and beat every {KILL_EVERY_S} s", ("desk", "beat"), asked.seconds),
            ]
    heads = ["F15", "offers", "kills", "earliest s", "median s", "latest s", "promised s", "not once", "never settled"]
    print("\n" + report.table(heads, table))
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
