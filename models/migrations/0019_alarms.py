"""What does not get out, or in, is an alarm: one row for each outbreak, and letters that belong to no chat."""

STATEMENTS = """
create table alarm (
    id bigserial primary key,
    channel_id bigint references channel on delete cascade,
    webhook_id bigint references webhook on delete cascade,
    dead integer not null default 0,
    waiting integer not null default 0,
    unread integer not null default 0,
    cut_off boolean not null default false,
    began_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    constraint alarm_of_one_thing check (num_nonnulls(channel_id, webhook_id) = 1)
);
create unique index alarm_of_channel on alarm (channel_id) where ended_at is null;
create unique index alarm_of_webhook on alarm (webhook_id) where ended_at is null;

alter table channel add column lost_seen_at timestamptz;
create index delivery_waiting on delivery (channel_id, queued_at) where state = 'queued';
create index delivery_dead on delivery (channel_id, settled_at) where state = 'dead';
create index webhook_off on webhook (id) where state = 'off';

alter table mail
    drop constraint mail_kind_check,
    alter column chat_id drop not null,
    add column alarm_id bigint references alarm on delete cascade,
    add constraint mail_kind_check check (kind in ('transcript', 'reply', 'alarm')),
    add constraint mail_about_something check ((kind = 'alarm') = (chat_id is null) and (kind = 'alarm') = (alarm_id is not null));
create unique index mail_of_alarm on mail (alarm_id, address) where alarm_id is not null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
