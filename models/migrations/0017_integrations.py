"""Doors for other programs: API keys that act for an account within scopes, and webhooks that are told what happens."""

STATEMENTS = """
create table api_key (
    id bigserial primary key,
    name text not null check (name <> ''),
    prefix text not null,
    token_hash text not null unique,
    scopes text[] not null check (scopes <> '{}'),
    agent_id bigint not null references agent on delete cascade,
    made_by_id bigint references agent on delete set null,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_key_agent on api_key (agent_id);

create table webhook (
    id bigserial primary key,
    name text not null check (name <> ''),
    url text not null,
    secret text not null,
    secret_tail text not null,
    events text[] not null check (events <> '{}'),
    internal boolean not null default false,
    state text not null default 'on' check (state in ('on', 'paused', 'off')),
    failures integer not null default 0,
    failing_since timestamptz,
    rest_until timestamptz,
    last_at timestamptz,
    made_by_id bigint references agent on delete set null,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint failing_since_the_first_failure check ((failures = 0) = (failing_since is null))
);

-- What a webhook is to be told: written in the transaction of the thing itself. The words are put together when it goes.
create table webhook_delivery (
    id bigserial primary key,
    webhook_id bigint not null references webhook on delete cascade,
    event text not null,
    event_id text not null,
    chat_id bigint references chat on delete cascade,
    message_id bigint references message on delete cascade,
    subject_id bigint,
    state text not null default 'waiting' check (state in ('waiting', 'claimed', 'sent', 'dead')),
    attempts smallint not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    status integer,
    fault text,
    took_ms integer,
    created_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    constraint webhook_told_once unique (webhook_id, event_id),
    constraint webhook_leased_when_claimed check ((state = 'claimed') = (lease_until is not null)),
    constraint webhook_settled_when_over check ((state in ('waiting', 'claimed')) = (settled_at is null))
);
create index webhook_delivery_line on webhook_delivery (webhook_id, chat_id, id) where state in ('waiting', 'claimed');
create index webhook_delivery_due on webhook_delivery (due_at, id) where state = 'waiting';
create index webhook_delivery_claimed on webhook_delivery (lease_until) where state = 'claimed';
create index webhook_delivery_log on webhook_delivery (webhook_id, id desc);
create index webhook_delivery_dead on webhook_delivery (webhook_id, settled_at) where state = 'dead';
create index webhook_delivery_settled on webhook_delivery (settled_at) where settled_at is not null;
create index webhook_delivery_chat on webhook_delivery (chat_id) where chat_id is not null;
create index webhook_delivery_message on webhook_delivery (message_id) where message_id is not null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
