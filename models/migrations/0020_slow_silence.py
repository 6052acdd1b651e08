"""Silence ends chats on slow channels too, after a time of its own."""

STATEMENTS = """
alter table desk add column idle_end_async_s integer not null default 86400;
alter table team add column idle_end_async_s integer;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
