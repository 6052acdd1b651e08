"""What the desk owes after a chat: promises, letters; and why each chat went to whom it went."""

STATEMENTS = """
alter table chat
    add column avoid_agent_id bigint references agent,
    add column service_id bigint references service on delete set null,
    add column reply_by_email boolean not null default false,
    add column mailed_seq integer not null default 0,
    add column alarmed_at timestamptz;

alter table assignment
    add column policy text,
    add column over_limit boolean not null default false,
    add column candidates jsonb;
create index assignment_from on assignment (from_at);

-- The line as one order of ascending columns: a page may begin anywhere in it, for all teams together and for each.
drop index chat_queue;
create index chat_queue on chat ((-priority), queued_at, id) where state = 'queued';
create index chat_queue_team on chat (team_id, (-priority), queued_at, id) where state = 'queued';

create table promise (
    id bigserial primary key,
    kind text not null check (kind in ('follow_up', 'escalation')),
    chat_id bigint not null references chat on delete cascade,
    session_id bigint not null references session on delete cascade,
    customer_id bigint not null references customer on delete cascade,
    owner_id bigint not null references agent,
    due_at timestamptz not null,
    note text not null default '',
    state text not null default 'open' check (state in ('open', 'kept', 'cancelled')),
    made_by_id bigint references agent,
    made_at timestamptz not null default clock_timestamp(),
    warned_at timestamptz,
    overdue_told_at timestamptz,
    settled_at timestamptz,
    settled_note text not null default '',
    kept_chat_id bigint references chat on delete set null,
    constraint settled_when_not_open check ((state = 'open') = (settled_at is null))
);
create index promise_open on promise (owner_id, due_at) where state = 'open';
create index promise_due on promise (due_at) where state = 'open';
create index promise_chat on promise (chat_id);
create index promise_session on promise (session_id);
create index promise_customer on promise (customer_id);
create index promise_kept_chat on promise (kept_chat_id);

create table mail (
    id bigserial primary key,
    kind text not null check (kind in ('transcript', 'reply')),
    chat_id bigint not null references chat on delete cascade,
    address text not null,
    state text not null default 'pending' check (state in ('pending', 'sending', 'sent', 'failed', 'unknown')),
    attempts smallint not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    up_to_seq integer,
    last_error text,
    created_at timestamptz not null default clock_timestamp(),
    sent_at timestamptz
);
create index mail_due on mail (due_at) where state in ('pending', 'sending');
create index mail_chat on mail (chat_id);
create unique index mail_one_reply on mail (chat_id) where kind = 'reply' and state = 'pending';
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
