"""What an active chat is made of beside its words: files, corrections, drafts, mentions, and more of the customer."""

STATEMENTS = """
alter table message
    add column edited_at timestamptz,
    add column deleted_at timestamptz;

create table message_version (
    id bigserial primary key,
    message_id bigint not null references message on delete cascade,
    how text not null check (how in ('edited', 'deleted')),
    body text not null,
    data jsonb not null default '{}',
    by_agent_id bigint references agent,
    replaced_at timestamptz not null default clock_timestamp()
);
create index message_version_message on message_version (message_id);

alter table canned_message
    add column agent_id bigint references agent on delete cascade,
    add column uses integer not null default 0,
    add column last_used_at timestamptz,
    add column updated_at timestamptz not null default clock_timestamp(),
    add constraint canned_message_one_scope check (team_id is null or agent_id is null),
    drop constraint canned_message_shortcut_team_id_key,
    add constraint canned_message_shortcut unique nulls not distinct (shortcut, team_id, agent_id);
create index canned_message_agent on canned_message (agent_id);

create table attachment (
    id bigserial primary key,
    token text not null unique,
    chat_id bigint references chat on delete cascade,
    message_id bigint references message on delete cascade,
    canned_id bigint references canned_message on delete cascade,
    by_agent_id bigint references agent,
    by_customer_id bigint references customer on delete cascade,
    name text not null,
    kind text not null check (kind in ('image', 'audio', 'video', 'document')),
    content_type text not null,
    size integer not null check (size between 1 and 5242880),
    width integer,
    height integer,
    duration_ms integer,
    storage_key text not null,
    thumb_key text,
    scanned boolean not null default false,
    created_at timestamptz not null default clock_timestamp()
);
create index attachment_chat on attachment (chat_id);
create index attachment_message on attachment (message_id);
create index attachment_canned on attachment (canned_id);
create index attachment_customer on attachment (by_customer_id);
create index attachment_storage on attachment (storage_key);
create index attachment_unsent on attachment (created_at) where message_id is null and canned_id is null;

-- A file outlives its row by a sweep, and never longer: whatever removes the row, the file's name lands here.
-- A file that is just being stored is named here first, due later: if its row never comes, it goes as well.
create table media_trash (
    storage_key text primary key,
    due_at timestamptz not null default clock_timestamp()
);
create function attachment_to_trash() returns trigger language plpgsql as $$
begin
    insert into media_trash (storage_key)
    select key from unnest(array[old.storage_key, old.thumb_key]) as key
    where key is not null and not exists (select from attachment a where key in (a.storage_key, a.thumb_key))
    on conflict do nothing;
    return null;
end $$;
create trigger attachment_gone after delete on attachment for each row execute function attachment_to_trash();

create table draft (
    agent_id bigint not null references agent on delete cascade,
    chat_id bigint not null references chat on delete cascade,
    mode text not null check (mode in ('reply', 'note')),
    body text not null,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (agent_id, chat_id, mode)
);
create index draft_chat on draft (chat_id);

create table mention (
    id bigserial primary key,
    message_id bigint not null references message on delete cascade,
    chat_id bigint not null references chat on delete cascade,
    agent_id bigint not null references agent on delete cascade,
    team_id bigint references team on delete set null,
    seen_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    unique (message_id, agent_id)
);
create index mention_agent on mention (agent_id, id desc);
create index mention_unseen on mention (agent_id) where seen_at is null;
create index mention_chat on mention (chat_id);

alter table socket_lease add column chat_id bigint;
create index socket_lease_chat on socket_lease (chat_id) where chat_id is not null;

alter table customer
    add column referrer text,
    add column device text,
    add column address text;

create table customer_note (
    id bigserial primary key,
    customer_id bigint not null references customer on delete cascade,
    agent_id bigint not null references agent,
    body text not null,
    created_at timestamptz not null default clock_timestamp()
);
create index customer_note_customer on customer_note (customer_id);
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
