"""Channels beside the website: how each is connected and how it is, what comes in by them, what goes out."""

STATEMENTS = """
alter table channel
    drop constraint channel_kind_check,
    add constraint channel_kind_named check (kind <> ''),
    add column settings jsonb not null default '{}',
    add column secrets text,
    add column secret_tails jsonb not null default '{}',
    add column notes jsonb not null default '{}',
    add column paused_at timestamptz,
    add column paused_why text check (paused_why in ('agent', 'unauthorized')),
    add column archived_at timestamptz,
    add column check_due_at timestamptz,
    add column checked_at timestamptz,
    add column connected boolean,
    add column last_in_at timestamptz,
    add column last_out_at timestamptz,
    add column error text,
    add column error_at timestamptz,
    add column version integer not null default 1,
    add constraint paused_for_a_reason check ((paused_at is null) = (paused_why is null));
create index channel_check_due on channel (check_due_at) where check_due_at is not null;

-- How a customer is reached on a channel, and how fast.
alter table identity
    add column name text,
    add column last_in_at timestamptz,
    add column unreachable_at timestamptz,
    add column slot_at timestamptz,
    add column hold_until timestamptz,
    add column notes jsonb not null default '{}';

-- A channel's rate and breaker. Apart from its row, which nearly everything refers to and nobody may lock for long.
create table channel_pace (
    channel_id bigint primary key references channel on delete cascade,
    tokens double precision not null default 0,
    tokens_at timestamptz not null default clock_timestamp(),
    hold_until timestamptz,
    failures smallint not null default 0,
    failing_since timestamptz,
    open_until timestamptz
);

-- What came in, as it came, committed before it is acknowledged.
create table inbound (
    id bigserial primary key,
    channel_id bigint not null references channel on delete cascade,
    provider_id text not null,
    sender text not null,
    place bigint not null default 0,
    bundle text,
    body bytea not null,
    state text not null default 'waiting' check (state in ('waiting', 'claimed', 'done', 'dead')),
    attempts smallint not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    outcome text,
    error text,
    chat_id bigint references chat on delete cascade,
    message_id bigint references message on delete set null,
    provider_message_id text,
    received_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    constraint inbound_once unique (channel_id, provider_id),
    constraint inbound_leased_when_claimed check ((state = 'claimed') = (lease_until is not null)),
    constraint inbound_settled_when_over check ((state in ('waiting', 'claimed')) = (settled_at is null))
);
create unique index inbound_one_in_hand on inbound (channel_id, sender) where state = 'claimed';
create index inbound_line on inbound (channel_id, sender, place, id) where state in ('waiting', 'claimed');
create index inbound_due on inbound (due_at, id) where state = 'waiting';
create index inbound_claimed on inbound (lease_until) where state = 'claimed';
create index inbound_dead on inbound (channel_id, id desc) where state = 'dead';
create index inbound_settled on inbound (settled_at) where settled_at is not null;
create index inbound_chat on inbound (chat_id, id) where chat_id is not null;
create index inbound_message on inbound (message_id) where message_id is not null;
create index inbound_provider_message on inbound (channel_id, provider_message_id) where provider_message_id is not null;

-- What is to go out: one row for each public message of a chat that does not come from the website.
create table delivery (
    id bigserial primary key,
    message_id bigint not null unique references message on delete cascade,
    chat_id bigint not null references chat on delete cascade,
    channel_id bigint not null references channel on delete cascade,
    pub_seq integer not null,
    state text not null default 'queued'
        check (state in ('queued', 'claimed', 'sent', 'delivered', 'read', 'failed', 'unknown', 'dead')),
    parts_done smallint not null default 0,
    provider_ids text[] not null default '{}',
    attempts smallint not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    error text,
    code text,
    queued_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    constraint delivery_leased_when_claimed check ((state = 'claimed') = (lease_until is not null)),
    constraint delivery_settled_when_over check ((state in ('queued', 'claimed')) = (settled_at is null))
);
create unique index delivery_one_in_hand on delivery (chat_id) where state = 'claimed';
create index delivery_line on delivery (chat_id, pub_seq) where state in ('queued', 'claimed');
create index delivery_due on delivery (due_at, id) where state = 'queued';
create index delivery_claimed on delivery (lease_until) where state = 'claimed';
create index delivery_lost on delivery (channel_id, id desc) where state in ('failed', 'unknown', 'dead');
create index delivery_chat on delivery (chat_id, pub_seq);
create index delivery_provider on delivery using gin (provider_ids);
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
