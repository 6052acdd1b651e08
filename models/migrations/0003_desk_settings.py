"""What supervisors decide: policies, hours, routing rules, end reasons, attributes, blocks, and who changed what."""

STATEMENTS = """
alter table desk
    add column assign_policy text not null default 'least_loaded'
        constraint desk_assign_policy check (assign_policy in ('least_loaded', 'round_robin')),
    add column last_given_agent_id bigint references agent,
    add column hours jsonb,
    add column alarm_wait_s integer not null default 600,
    add column promise_s integer not null default 86400,
    add column promise_warn_s integer not null default 3600,
    add column routing_version integer not null default 0;
alter table desk
    alter column assign_policy drop default,
    alter column alarm_wait_s drop default,
    alter column promise_s drop default,
    alter column promise_warn_s drop default;

alter table team
    add column assign_policy text constraint team_assign_policy check (assign_policy in ('least_loaded', 'round_robin')),
    add column last_given_agent_id bigint references agent,
    add column hours jsonb,
    add column queue_max_s integer,
    add column first_reply_s integer,
    add column first_reply_requeue boolean,
    add column idle_warn_s integer,
    add column idle_end_s integer,
    add column alarm_wait_s integer;

create table end_reason (
    code text primary key check (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    label text not null,
    hint text not null default '',
    ord smallint not null,
    needs_note boolean not null default false,
    promises boolean not null default false,
    builtin boolean not null default false,
    archived_at timestamptz
);
insert into end_reason (code, label, hint, ord, needs_note, promises, builtin) values
    ('resolved', 'Customer Issue Resolved', 'The matter is settled.', 1, false, false, true),
    ('no_response', 'No Response from Customer', 'The customer entered the queue but did not engage.', 2, false, false, true),
    ('follow_up', 'Will be contacted upon Issue Resolution', 'We promise to come back, with a date and a name.', 3, false, true, true),
    ('time_waster', 'Time Waster', 'Not a real inquiry.', 4, false, false, true),
    ('other', 'Others', 'Needs an explanation.', 5, true, false, true);

create table routing_rule (
    id bigserial primary key,
    ord smallint not null,
    name text not null,
    enabled boolean not null default true,
    conditions jsonb not null default '[]',
    team_id bigint references team,
    priority smallint check (priority between 0 and 2)
);
create index routing_rule_team on routing_rule (team_id);

create table attribute (
    id bigserial primary key,
    key text not null unique check (key ~ '^[a-z][a-z0-9_]{0,39}$'),
    label text not null,
    type text not null check (type in ('text', 'number', 'date', 'flag', 'choice', 'link')),
    choices text[] not null,
    ord smallint not null,
    archived_at timestamptz
);

create table block (
    id bigserial primary key,
    customer_id bigint references customer on delete cascade,
    address text,
    reason text not null,
    by_agent_id bigint references agent,
    created_at timestamptz not null default clock_timestamp(),
    until timestamptz,
    lifted_at timestamptz,
    lifted_by_agent_id bigint references agent,
    check (customer_id is not null or address is not null)
);
create index block_customer on block (customer_id) where lifted_at is null;
create index block_address on block (address) where lifted_at is null and address is not null;

create table audit_entry (
    id bigserial primary key,
    agent_id bigint references agent,
    agent_name text not null,
    what text not null,
    target text not null,
    target_id text,
    target_name text not null default '',
    before jsonb,
    after jsonb,
    at timestamptz not null default clock_timestamp()
);
create index audit_entry_target on audit_entry (target, target_id);
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
