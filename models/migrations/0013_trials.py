"""Questions that people try on the bot before customers ask them; and what was in use when it was archived."""

STATEMENTS = """
create table bot_trial (
    id bigserial primary key,
    agent_id bigint not null references agent on delete cascade,
    question text not null check (question <> ''),
    verdict jsonb,
    fault text,
    asked_at timestamptz not null default clock_timestamp(),
    answered_at timestamptz,
    constraint answered_with_something check ((answered_at is null) = (num_nonnulls(verdict, fault) = 0))
);
create index bot_trial_agent on bot_trial (agent_id);
alter table service add column was_live boolean not null default false;
alter table article add column was_live boolean not null default false;
create index bot_trial_open on bot_trial (asked_at) where answered_at is null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
