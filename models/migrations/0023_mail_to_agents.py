"""Agents who want it are written to while they are away, and may answer by mail."""

STATEMENTS = """
alter table agent add column mail_offline boolean not null default false;

alter table mail
    drop constraint mail_kind_check,
    add column agent_id bigint references agent on delete cascade,
    add column channel_id bigint references channel on delete cascade,
    add column answers_id bigint references mail on delete cascade,
    add column about jsonb,
    add constraint mail_kind_check check (kind in ('transcript', 'reply', 'alarm', 'confirmation', 'call', 'refusal')),
    add constraint mail_to_an_agent check ((kind in ('call', 'refusal')) = (agent_id is not null and channel_id is not null));
create unique index mail_one_call on mail (chat_id, agent_id) where kind = 'call' and state in ('pending', 'sending');
create unique index mail_one_refusal on mail (answers_id) where answers_id is not null;
create index mail_agent on mail (agent_id) where agent_id is not null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
