"""What does not get out, or in, calls people: an outbreak is a row from when it began until nothing is stuck any more.

One statement looks at every channel and webhook, begins what began, counts what goes on and ends what is over. A letter
goes with the beginning alone: the next one is for the next outbreak.
"""

from __future__ import annotations

from models.actions import audit, letters, news
from models.db import atomically, one, run
from models.errors import NotFound
from models.queries.access import Permission, Viewer
from models.rules.delivering import GIVE_UP

_LOOK = """
with looked as (
    select h.id as channel_id, null::bigint as webhook_id,
           (select count(*)::int from delivery d where d.channel_id = h.id and d.state = 'dead'
            and d.settled_at > coalesce(h.lost_seen_at, '-infinity')) as dead,
           (select count(*)::int from delivery d where d.channel_id = h.id and d.state = 'queued'
            and h.paused_why is distinct from 'agent' and d.queued_at < clock_timestamp() - %(late)s) as waiting,
           (select count(*)::int from inbound i where i.channel_id = h.id and i.state = 'dead'
            and i.settled_at > coalesce(h.lost_seen_at, '-infinity')) as unread,
           coalesce(h.paused_why = 'unauthorized' and h.paused_at < clock_timestamp() - %(late)s, false)
           or coalesce(p.look_failing_since < clock_timestamp() - %(late)s, false) as cut_off
    from channel h left join channel_pace p on p.channel_id = h.id where h.archived_at is null and h.kind <> 'web'
), stuck as (
    select * from looked where dead + waiting + unread > 0 or cut_off
    union all select null, id, 0, 0, 0, false from webhook where state = 'off'
), over as (
    update alarm a set ended_at = clock_timestamp() where a.ended_at is null and not exists
        (select from stuck s where s.channel_id = a.channel_id or s.webhook_id = a.webhook_id)
    returning a.id
), counted as (
    update alarm a set dead = s.dead, waiting = s.waiting, unread = s.unread, cut_off = s.cut_off from stuck s
    where a.ended_at is null and s.channel_id = a.channel_id
      and (a.dead, a.waiting, a.unread, a.cut_off) is distinct from (s.dead, s.waiting, s.unread, s.cut_off)
    returning a.id
), begun as (
    insert into alarm (channel_id, webhook_id, dead, waiting, unread, cut_off)
    select * from stuck s where not exists (select from alarm a where a.ended_at is null
        and (s.channel_id = a.channel_id or s.webhook_id = a.webhook_id))
    on conflict do nothing
    returning id
)
select array(select id from begun) as begun, exists (select from over union all select from counted) as changed
"""


@atomically
def sweep() -> int:
    """Look at everything once. Returns how many alarms have begun."""
    found = one(_LOOK, {"late": GIVE_UP})
    assert found is not None
    begun: list[int] = found["begun"]
    for alarm_id in begun:
        letters.alarm(alarm_id)
    if begun or found["changed"]:
        news.catalogue("alarms")
    return len(begun)


@atomically
def seen(viewer: Viewer, channel_id: int) -> None:
    """Somebody has looked at what was lost by this channel. What is lost from now on is another outbreak."""
    viewer.require(Permission.DESK_EDIT)
    channel = one(
        "select name from channel where id = %s and archived_at is null and kind <> 'web' for update", (channel_id,)
    )
    if channel is None:
        raise NotFound()
    run("update channel set lost_seen_at = clock_timestamp() where id = %s", (channel_id,))
    audit.note(viewer, "lost_seen", "channel", channel_id, channel["name"])
    sweep()
