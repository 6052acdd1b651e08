"""Whether a chat was ever escalated stands in its row by now."""

STATEMENTS = """
drop index message_escalated;
create index chat_by_end_escalated on chat (coalesce(ended_at, 'infinity'), id) where escalations > 0;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
