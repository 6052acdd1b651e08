"""What a broadcast needs where it is a mail, and where only approved texts may be sent."""

STATEMENTS = """
alter table broadcast add column subject text, add column templates jsonb not null default '[]';
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
