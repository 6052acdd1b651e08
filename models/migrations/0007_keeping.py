"""What is taken out of the desk: exports, the erasure of a customer, and what is kept for how long."""

STATEMENTS = """
create table export (
    id bigserial primary key,
    token text not null unique,
    what text not null check (what in ('chats', 'messages', 'customer')),
    format text not null check (format in ('csv', 'jsonl')),
    filter jsonb not null default '{}',
    notes boolean not null default false,
    agent_id bigint not null references agent on delete cascade,
    state text not null default 'waiting'
        check (state in ('waiting', 'working', 'done', 'failed', 'cancelled', 'expired')),
    attempts smallint not null default 0,
    lease_until timestamptz,
    rows_done integer not null default 0,
    rows_total integer,
    capped boolean not null default false,
    storage_key text,
    size bigint,
    fault text,
    created_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    constraint done_has_a_file check ((state = 'done') = (storage_key is not null))
);
create index export_agent on export (agent_id, id desc);
create index export_unfinished on export (id) where state in ('waiting', 'working');
create index export_kept on export (finished_at) where state = 'done';

alter table customer add column erased_at timestamptz;

-- A receipt: what was erased, when and by whose order. Nothing in it tells who it was.
create table erasure (
    id bigserial primary key,
    customer_id bigint not null,
    agent_id bigint references agent,
    agent_name text not null,
    reason text not null,
    chats integer not null,
    messages integer not null,
    files integer not null,
    notes integer not null,
    at timestamptz not null default clock_timestamp()
);

create table retention_rule (
    id bigserial primary key,
    what text not null check (what in ('chats', 'bot_chats', 'files')),
    channel_id bigint references channel on delete cascade,
    after_days integer not null check (after_days between 1 and 3650),
    enabled boolean not null default false,
    tried_at timestamptz,
    tried_count integer,
    ran_at timestamptz,
    removed bigint not null default 0,
    updated_at timestamptz not null default clock_timestamp(),
    unique nulls not distinct (what, channel_id)
);
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
