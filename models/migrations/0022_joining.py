"""Customers who turn out to be one person: asked by letter, joined on proof, parted again where that was wrong."""

STATEMENTS = """
alter table customer add column joined_into_id bigint references customer on delete set null;
create index customer_joined_into on customer (joined_into_id) where joined_into_id is not null;

-- What a provider or a letter vouched for. Looked up whenever somebody brings proof that is new.
create index identity_proved_email on identity ((notes -> 'proved' ->> 'email'))
    where (notes -> 'proved' ->> 'email') is not null;
create index identity_proved_phone on identity ((notes -> 'proved' ->> 'phone'))
    where (notes -> 'proved' ->> 'phone') is not null;

alter table mail
    drop constraint mail_kind_check,
    add constraint mail_kind_check check (kind in ('transcript', 'reply', 'alarm', 'confirmation'));

create table confirmation (
    id bigserial primary key,
    mail_id bigint not null unique references mail on delete cascade,
    customer_id bigint not null references customer on delete cascade,
    identity_id bigint not null references identity on delete cascade,
    address text not null,
    token_hash text unique,
    asked_by_id bigint references agent,
    asked_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    confirmed_at timestamptz,
    constraint expires_once_written check ((token_hash is null) = (expires_at is null))
);
create index confirmation_customer on confirmation (customer_id);
create index confirmation_identity on confirmation (identity_id);

create table customer_join (
    id bigserial primary key,
    kept_id bigint not null references customer on delete cascade,
    gone_id bigint not null references customer on delete cascade,
    how text not null check (how in ('confirmed', 'vouched')),
    proof jsonb not null,
    identity_id bigint references identity on delete set null,
    asked_by_id bigint references agent,
    before jsonb not null,
    after jsonb not null,
    moved jsonb not null,
    joined_at timestamptz not null default clock_timestamp(),
    undone_at timestamptz,
    undone_by_id bigint references agent
);
create unique index customer_join_once on customer_join (gone_id) where undone_at is null;
create index customer_join_kept on customer_join (kept_id);
create index customer_join_gone on customer_join (gone_id);
create index customer_join_identity on customer_join (identity_id) where identity_id is not null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
