"""The facts a cluster's suggestions were weighed by, so that what people choose can teach the next weighing."""

STATEMENTS = """
alter table cluster add column facts jsonb;
-- Plain again: the change of its type had undone it, and a value kept elsewhere costs a second read.
alter table failed_response alter column embedding set storage plain;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
