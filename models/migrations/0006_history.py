"""What it takes to find any conversation again: words of messages, orders of chats, and views that are kept."""

STATEMENTS = r"""
create extension if not exists unaccent;

-- English words by their stem, any word without its accents. Other languages are found by their words as written.
create text search configuration parley (copy = english);
alter text search configuration parley
    alter mapping for word, hword, hword_part with unaccent, english_stem;
alter text search configuration parley
    alter mapping for numword, numhword, hword_numpart with unaccent, simple;

-- Kept in the row: a frequent word is found by reading the newest messages backwards, which must not take them apart again.
alter table message
    add column words tsvector generated always as
        (case when kind <> 'event' then to_tsvector('parley', body) end) stored;
drop index message_words;
create index message_words on message using gin (words);
create index message_escalated on message (chat_id) where kind = 'event' and data ->> 'event' = 'escalated';

-- Every word that was written, so that one typed wrongly finds the one that was meant.
create table word (
    word text primary key,
    uses integer not null
);
create index word_letters on word using gin (word gin_trgm_ops);
create table word_mark (
    id bigserial primary key check (id = 1),
    message_id bigint not null
);
insert into word_mark (message_id) values (0);

drop index chat_first_body_words;
drop index chat_ended;
create index chat_by_end on chat (coalesce(ended_at, 'infinity'), id);
create index chat_by_end_team on chat (team_id, coalesce(ended_at, 'infinity'), id);
create index chat_by_length on chat (extract(epoch from ended_at - created_at), id) where state = 'ended';
create index chat_by_rating on chat (rating, (-id)) where rating is not null;
create index chat_service on chat (service_id) where service_id is not null;
create index customer_name_letters on customer using gin (name gin_trgm_ops);
create index customer_email_letters on customer using gin (email gin_trgm_ops);

create table saved_view (
    id bigserial primary key,
    name text not null check (name <> ''),
    agent_id bigint not null references agent on delete cascade,
    shared boolean not null default false,
    filter jsonb not null default '{}',
    q text not null default '',
    sort text not null default 'newest',
    names jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
create unique index saved_view_own on saved_view (agent_id, lower(name)) where not shared;
create unique index saved_view_shared on saved_view (lower(name)) where shared;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
