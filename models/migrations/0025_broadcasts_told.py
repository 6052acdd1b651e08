"""Broadcasts by messenger and mail stand in their customer's story, and their providers say what became of them."""

STATEMENTS = """
-- What this one was sent in the place of the broadcast's words: a template, filled for them.
alter table notice add column body text;

create index recipient_provider on recipient (channel_id, provider_id) where provider_id is not null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
