"""Broadcasts: one message to many customers, a ledger with a row for each of them, and what waits in their widgets."""

STATEMENTS = """
-- Who does not want to be written to unasked. Answers to their own questions reach them as ever.
alter table customer add column broadcasts_off_at timestamptz;

create table broadcast (
    id bigserial primary key,
    title text not null,
    body text not null,
    audience_kind text not null check (audience_kind in ('cluster', 'tag', 'filter', 'list')),
    audience jsonb not null,
    cluster_id bigint,
    state text not null default 'draft'
        check (state in ('draft', 'scheduled', 'sending', 'paused', 'done', 'failed', 'cancelled')),
    rate integer not null default 20 check (rate between 1 and 1000),
    agent_id bigint references agent,
    confirmed integer,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    frozen_at timestamptz,
    scheduled_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    slot_at timestamptz,
    constraint frozen_when_no_draft check ((state = 'draft') = (frozen_at is null)),
    constraint scheduled_when_frozen check ((frozen_at is null) = (scheduled_at is null)),
    constraint finished_when_over check ((state in ('done', 'failed', 'cancelled')) = (finished_at is not null))
);
create index broadcast_newest on broadcast (id desc);
create index broadcast_at_work on broadcast (scheduled_at) where state in ('scheduled', 'sending');

-- The ledger: everybody who was meant, also those who were left out, with the reason.
create table recipient (
    id bigserial primary key,
    broadcast_id bigint not null references broadcast on delete cascade,
    customer_id bigint not null references customer on delete cascade,
    channel_id bigint references channel on delete set null,
    trial boolean not null default false,
    state text not null default 'waiting'
        check (state in ('waiting', 'claimed', 'sent', 'failed', 'unknown', 'skipped')),
    reason text,
    error text,
    provider_id text,
    attempts smallint not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    settled_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    constraint leased_when_claimed check ((state = 'claimed') = (lease_until is not null)),
    constraint skipped_with_a_reason check ((state = 'skipped') = (reason is not null)),
    constraint settled_when_over check ((state in ('waiting', 'claimed')) = (settled_at is null))
);
create unique index recipient_once on recipient (broadcast_id, customer_id) where not trial;
create index recipient_states on recipient (broadcast_id, state, id);
create index recipient_customer on recipient (customer_id);
create index recipient_due on recipient (broadcast_id, due_at, id) where state = 'waiting';
create index recipient_trials on recipient (id) where trial and state = 'waiting';
create index recipient_claimed on recipient (lease_until) where state = 'claimed';

-- The web channel's side of it: what lies in a customer's widget. One for each recipient, whoever asks how often.
create table notice (
    id bigserial primary key,
    recipient_id bigint not null unique references recipient on delete cascade,
    customer_id bigint not null references customer on delete cascade,
    channel_id bigint not null references channel on delete cascade,
    chat_id bigint references chat on delete set null,
    message_id bigint references message on delete set null,
    placed_at timestamptz not null default clock_timestamp(),
    joined_at timestamptz,
    seen_at timestamptz,
    closed_at timestamptz
);
create index notice_waiting on notice (customer_id, channel_id) where joined_at is null and closed_at is null;
create index notice_customer on notice (customer_id);
create index notice_chat on notice (chat_id) where chat_id is not null;
create index notice_message on notice (message_id) where message_id is not null;

alter table retention_rule drop constraint retention_rule_what_check,
    add constraint retention_rule_what_check check (what in ('chats', 'bot_chats', 'files', 'broadcasts'));
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
