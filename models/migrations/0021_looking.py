"""Channels that have to be looked into, each by itself: who does it now, when it is due again, how long it has failed."""

STATEMENTS = """
alter table channel_pace
    add column look_lease_until timestamptz,
    add column look_due_at timestamptz not null default clock_timestamp(),
    add column look_failures smallint not null default 0,
    add column look_failing_since timestamptz,
    add constraint failing_since_the_first_look check ((look_failures = 0) = (look_failing_since is null));
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
