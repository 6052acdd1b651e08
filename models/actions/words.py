"""Count the words that were written, so that a search knows which word a wrongly typed one is like.

Nobody waits for it: a word that is not counted yet is found all the same by whoever types it rightly.
"""

from __future__ import annotations

from models.db import atomically, one, rows, run

STRETCH = 5_000
"""Messages counted in one transaction: well within a task's limit."""
SETTLED_S = 10
"""Numbers are given out before they are committed; by then nothing older can still appear."""

_LETTERS = r"[^[:alpha:]]+"
LEAST, MOST = 3, 30
"""Letters of a word that is counted. Shorter ones are forgiven no letter; longer ones are no words."""


def sweep() -> int:
    """Count what was written since last time, a stretch at a time. Returns how many messages were read."""
    read = 0
    while (stretch := _count()) > 0:
        read += stretch
        if stretch < STRETCH:
            break
    return read


@atomically
def _count() -> int:
    mark = one("select message_id from word_mark where id = 1 for update")
    assert mark is not None
    found = rows(
        "select id from message where id > %s and created_at < clock_timestamp() - make_interval(secs => %s)"
        " order by id limit %s",
        (mark["message_id"], SETTLED_S, STRETCH),
    )
    if not found:
        return 0
    between = {"first": mark["message_id"], "last": found[-1]["id"], "gaps": _LETTERS, "least": LEAST, "most": MOST}
    run(
        "insert into word (word, uses) select w, count(*)::int from message m,"
        " regexp_split_to_table(lower(unaccent(m.body)), %(gaps)s) w"
        " where m.id > %(first)s and m.id <= %(last)s and m.kind <> 'event'"
        " and length(w) between %(least)s and %(most)s group by w order by w"
        " on conflict (word) do update set uses = word.uses + excluded.uses",
        between,
    )
    run("update word_mark set message_id = %s where id = 1", (between["last"],))
    return len(found)
