"""The desk: people, customers, chats, messages, timers."""

STATEMENTS = """
create extension if not exists vector;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;

create table team (
    id bigserial primary key,
    name text not null unique,
    hue smallint not null,
    auto_assign boolean,
    agent_limit smallint check (agent_limit between 1 and 50),
    archived_at timestamptz,
    created_at timestamptz not null default clock_timestamp()
);

create table agent (
    id bigserial primary key,
    name text not null,
    email text not null unique check (email = lower(email)),
    password_hash text not null,
    role text not null check (role in ('agent', 'supervisor', 'analyst', 'admin')),
    hue smallint not null,
    agent_limit smallint check (agent_limit between 1 and 50),
    chosen_status text not null default 'offline' check (chosen_status in ('online', 'away', 'offline')),
    status_since timestamptz not null default clock_timestamp(),
    told_status text not null default 'offline',
    last_given_at timestamptz,
    disabled_at timestamptz,
    created_at timestamptz not null default clock_timestamp()
);

create table team_member (
    team_id bigint not null references team on delete cascade,
    agent_id bigint not null references agent on delete cascade,
    primary key (team_id, agent_id)
);
create index team_member_agent on team_member (agent_id);

create table agent_session (
    id bigserial primary key,
    token_hash text not null unique,
    agent_id bigint not null references agent on delete cascade,
    created_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    ip text not null,
    browser text not null
);
create index agent_session_agent on agent_session (agent_id) where ended_at is null;

create table desk (
    id bigserial primary key check (id = 1),
    name text not null,
    brand text not null check (brand ~ '^#[0-9a-f]{6}$'),
    greeting text not null,
    teaser text not null,
    bot_name text not null,
    bot_enabled boolean not null,
    auto_assign boolean not null,
    pick_with_auto boolean not null,
    ask_name boolean not null,
    agent_limit smallint not null check (agent_limit between 1 and 50),
    bot_silent_s integer not null,
    bot_idle_s integer not null,
    queue_max_s integer not null,
    first_reply_s integer not null,
    first_reply_requeue boolean not null,
    idle_warn_s integer not null,
    idle_end_s integer not null,
    owner_gone_s integer not null,
    sticky_s integer not null,
    reopen_s integer not null,
    wait_warn_s integer not null,
    wait_late_s integer not null,
    updated_at timestamptz not null default clock_timestamp()
);

create table tag (
    id bigserial primary key,
    name text not null unique,
    hue smallint not null
);

create table canned_message (
    id bigserial primary key,
    shortcut text not null,
    title text not null,
    body text not null,
    team_id bigint references team on delete cascade,
    created_at timestamptz not null default clock_timestamp(),
    unique nulls not distinct (shortcut, team_id)
);
create index canned_message_team on canned_message (team_id);

create table command_receipt (
    agent_id bigint not null references agent on delete cascade,
    key text not null,
    command text not null,
    target bigint,
    created_at timestamptz not null default clock_timestamp(),
    primary key (agent_id, key)
);
create index command_receipt_age on command_receipt (created_at);

create table beat (
    part text primary key,
    at timestamptz not null default clock_timestamp()
);

create table channel (
    id bigserial primary key,
    kind text not null check (kind in ('web')),
    name text not null,
    public_key text not null unique,
    allowed_origins text[] not null,
    created_at timestamptz not null default clock_timestamp()
);

create table customer (
    id bigserial primary key,
    name text,
    email text,
    phone text,
    language text,
    location text,
    time_zone text,
    browser text,
    page text,
    attributes jsonb not null default '{}',
    verified boolean not null default false,
    created_at timestamptz not null default clock_timestamp()
);

create table identity (
    id bigserial primary key,
    customer_id bigint not null references customer on delete cascade,
    channel_id bigint not null references channel on delete cascade,
    external_id text not null,
    unique (channel_id, external_id)
);
create index identity_customer on identity (customer_id);

create table visitor_token (
    id bigserial primary key,
    token_hash text not null unique,
    customer_id bigint not null references customer on delete cascade,
    channel_id bigint not null references channel on delete cascade,
    created_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null
);
create index visitor_token_customer on visitor_token (customer_id);

create table socket_lease (
    sid text primary key,
    front text not null,
    agent_id bigint references agent on delete cascade,
    session_id bigint references agent_session on delete cascade,
    customer_id bigint,
    seen_at timestamptz not null default clock_timestamp()
);
create index socket_lease_agent on socket_lease (agent_id);
create index socket_lease_customer on socket_lease (customer_id);

create table ticket (
    token_hash text primary key,
    agent_session_id bigint references agent_session on delete cascade,
    visitor_token_id bigint,
    expires_at timestamptz not null,
    check ((agent_session_id is null) <> (visitor_token_id is null))
);

create table session (
    id bigserial primary key,
    customer_id bigint not null references customer on delete cascade,
    subject text not null,
    created_at timestamptz not null default clock_timestamp()
);
create index session_customer on session (customer_id);

create table chat (
    id bigserial primary key,
    session_id bigint not null references session on delete cascade,
    customer_id bigint not null references customer on delete cascade,
    channel_id bigint not null references channel,
    team_id bigint references team,
    previous_chat_id bigint references chat,
    state text not null check (state in ('bot', 'queued', 'active', 'escalated', 'ended')),
    owner_id bigint references agent,
    ended_owner_id bigint references agent,
    preferred_agent_id bigint references agent,
    preferred_until timestamptz,
    priority smallint not null default 0,
    version integer not null default 1,
    pub_seq integer not null default 0,
    all_seq integer not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    entered_state_at timestamptz not null default clock_timestamp(),
    queued_at timestamptz,
    first_replied_at timestamptz,
    ended_at timestamptz,
    end_cause text,
    end_reason text,
    end_note text,
    first_body text not null default '',
    last_body text not null default '',
    last_author_kind text,
    last_author_id bigint,
    last_at timestamptz,
    last_customer_at timestamptz,
    last_agent_at timestamptz,
    customer_read_seq integer not null default 0,
    customer_delivered_seq integer not null default 0,
    agent_read_seq integer not null default 0,
    bot_message_id bigint,
    bot_attempts smallint not null default 0,
    bot_lease_until timestamptz,
    bot_misses smallint not null default 0,
    idle_due_at timestamptz,
    idle_warned_at timestamptz,
    place_told integer,
    rating smallint check (rating between 1 and 5),
    rating_comment text,
    rated_at timestamptz,
    constraint owned_while_active check ((state in ('active', 'escalated')) = (owner_id is not null)),
    constraint queued_has_a_time check (state <> 'queued' or queued_at is not null),
    constraint ended_is_complete check (
        state <> 'ended' or (ended_at is not null and end_cause is not null
                             and (end_cause <> 'agent' or end_reason is not null))),
    constraint others_is_explained check (end_reason <> 'other' or length(end_note) between 3 and 500)
) with (fillfactor = 85);
create unique index chat_one_open on chat (customer_id, channel_id) where state <> 'ended';
create index chat_customer on chat (customer_id);
create index chat_session on chat (session_id);
create index chat_queue on chat (priority desc, queued_at, id) where state = 'queued';
create index chat_owner on chat (owner_id) where owner_id is not null;
create index chat_bot_due on chat (bot_lease_until) where state = 'bot' and bot_message_id is not null;
create index chat_idle on chat (idle_due_at) where idle_due_at is not null and state <> 'ended';
create index chat_ended on chat (ended_at desc, id desc) where state = 'ended';
create index chat_ended_owner on chat (ended_owner_id, ended_at desc) where state = 'ended';
create index chat_first_body_words on chat using gin (first_body gin_trgm_ops);

create table chat_tag (
    chat_id bigint not null references chat on delete cascade,
    tag_id bigint not null references tag on delete cascade,
    agent_id bigint references agent,
    created_at timestamptz not null default clock_timestamp(),
    primary key (chat_id, tag_id)
);
create index chat_tag_tag on chat_tag (tag_id);

create table assignment (
    id bigserial primary key,
    chat_id bigint not null references chat on delete cascade,
    agent_id bigint not null references agent,
    from_at timestamptz not null default clock_timestamp(),
    to_at timestamptz,
    how text not null,
    by_agent_id bigint references agent,
    constraint one_owner_at_a_time exclude using gist (chat_id with =, tstzrange(from_at, to_at) with &&)
);
create unique index assignment_open on assignment (chat_id) where to_at is null;
create index assignment_chat on assignment (chat_id);
create index assignment_agent on assignment (agent_id);

create table timer (
    id bigserial primary key,
    kind text not null,
    chat_id bigint references chat on delete cascade,
    agent_id bigint references agent on delete cascade,
    due_at timestamptz not null,
    state text not null default 'armed' check (state in ('armed', 'fired', 'cancelled')),
    done_at timestamptz
);
create unique index timer_one_of_a_kind on timer (kind, chat_id, agent_id) nulls not distinct where state = 'armed';
create index timer_due on timer (due_at) where state = 'armed';
create index timer_chat on timer (chat_id) where state = 'armed';

create table message (
    id bigserial primary key,
    chat_id bigint not null references chat on delete cascade,
    kind text not null check (kind in ('text', 'note', 'event')),
    author_kind text not null check (author_kind in ('customer', 'bot', 'agent', 'system')),
    author_id bigint,
    author_name text not null,
    author_hue smallint not null,
    body text not null,
    data jsonb not null default '{}',
    change jsonb,
    client_id text,
    all_seq integer not null,
    pub_seq integer,
    created_at timestamptz not null default clock_timestamp(),
    constraint notes_are_internal check (kind <> 'note' or pub_seq is null)
);
create unique index message_all_seq on message (chat_id, all_seq);
create unique index message_pub_seq on message (chat_id, pub_seq) where pub_seq is not null;
create unique index message_once on message (author_kind, author_id, client_id) where client_id is not null;
create index message_words on message using gin (body gin_trgm_ops) where kind <> 'event';
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
