"""Escalations: offers of a chat to somebody else, who looked and who declined, and the ladder they go down."""

STATEMENTS = """
create table escalation (
    id bigserial primary key,
    chat_id bigint not null references chat on delete cascade,
    previous_id bigint references escalation on delete set null,
    origin_id bigint not null references agent,
    by_agent_id bigint references agent,
    target_agent_id bigint references agent,
    target_team_id bigint references team,
    target_supervisors boolean not null default false,
    note text not null check (length(note) between 3 and 2000),
    expected_at timestamptz not null,
    state text not null default 'pending'
        check (state in ('pending', 'accepted', 'rejected', 'cancelled', 'timed_out', 'withdrawn')),
    made_at timestamptz not null default clock_timestamp(),
    due_at timestamptz not null,
    steps jsonb not null,
    hours jsonb,
    place smallint not null default 0,
    reminded_at timestamptz,
    decided_at timestamptz,
    decided_by_id bigint references agent,
    reason text,
    reason_note text not null default '',
    constraint one_target check (num_nonnulls(target_agent_id, target_team_id) + target_supervisors::int = 1),
    constraint not_to_its_origin check (target_agent_id <> origin_id),
    constraint decided_when_not_pending check ((state = 'pending') = (decided_at is null)),
    constraint never_timed_out_early check (state <> 'timed_out' or reason is not null or decided_at >= due_at)
);
create unique index escalation_one_pending on escalation (chat_id) where state = 'pending';
create index escalation_chat on escalation (chat_id, id);
create index escalation_to_agent on escalation (target_agent_id) where state = 'pending';
create index escalation_to_team on escalation (target_team_id) where state = 'pending';
create index escalation_previous on escalation (previous_id) where previous_id is not null;
create index escalation_made on escalation (made_at);

create table escalation_answer (
    escalation_id bigint not null references escalation on delete cascade,
    agent_id bigint not null references agent on delete cascade,
    looked_at timestamptz,
    declined_at timestamptz,
    reason text,
    note text not null default '',
    primary key (escalation_id, agent_id),
    constraint declined_with_a_reason check ((declined_at is null) = (reason is null))
);
create index escalation_answer_agent on escalation_answer (agent_id);

alter table chat add column escalations smallint not null default 0;

alter table desk
    add column escalation_steps jsonb not null
        default '[{"do": "remind", "after_s": 60, "team_id": null}, {"do": "origin", "after_s": 60, "team_id": null}]',
    add column escalation_in_hours boolean not null default false,
    add column escalation_expected_s integer not null default 3600,
    add column escalation_texts jsonb;
alter table desk
    alter column escalation_steps drop default,
    alter column escalation_in_hours drop default,
    alter column escalation_expected_s drop default;

alter table team
    add column escalation_steps jsonb,
    add column escalation_in_hours boolean,
    add column escalation_expected_s integer;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
