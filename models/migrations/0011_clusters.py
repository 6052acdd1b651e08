"""Failed responses that mean the same: clusters, what was decided of them, what is proposed, and the proof of a fix."""

STATEMENTS = """
create table cluster (
    id bigserial primary key,
    status text not null default 'open' check (status in ('open', 'snoozed', 'resolved', 'dismissed', 'merged')),
    reason text,
    reason_note text not null default '',
    label text not null default '',
    label_by_hand boolean not null default false,
    keywords text[] not null default '{}',
    language text,
    model_id text not null,
    centroid vector not null,
    size integer not null default 0 check (size >= 0),
    central_id bigint references failed_response on delete set null,
    owner_id bigint references agent on delete set null,
    pinned boolean not null default false,
    decided_by_id bigint references agent on delete set null,
    decided_at timestamptz,
    snoozed_until timestamptz,
    merged_into_id bigint references cluster on delete set null,
    article_id bigint references article on delete set null,
    service_id bigint references service on delete set null,
    fixed_at timestamptz,
    proved_at timestamptz,
    reopened smallint not null default 0,
    reopened_at timestamptz,
    known double precision check (known between 0 and 1),
    draft jsonb,
    map_x real,
    map_y real,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    changed_at timestamptz not null default clock_timestamp(),
    described_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    constraint snoozed_until_some_day check ((status = 'snoozed') = (snoozed_until is not null)),
    constraint closed_with_a_reason check (status not in ('resolved', 'dismissed') or reason is not null),
    constraint not_into_itself check (merged_into_id <> id)
);
-- Plain: every centroid is compared with every new failure, and a value kept elsewhere costs a second read.
alter table cluster alter column centroid set storage plain;
create index cluster_recent on cluster (last_seen_at desc, id desc) where status <> 'merged';
create index cluster_to_describe on cluster (changed_at) where described_at is null or described_at < changed_at;
create index cluster_to_wake on cluster (snoozed_until) where status = 'snoozed';
create index cluster_owner on cluster (owner_id) where owner_id is not null;
create index cluster_central on cluster (central_id) where central_id is not null;
create index cluster_merged_into on cluster (merged_into_id) where merged_into_id is not null;
create index cluster_article on cluster (article_id) where article_id is not null;
create index cluster_service on cluster (service_id) where service_id is not null;

update failed_response set status = 'open' where status not in ('open', 'resolved', 'dismissed');
alter table failed_response
    add column cluster_id bigint references cluster on delete set null,
    add column placed text check (placed in ('joined', 'opened', 'grouped', 'moved')),
    add column looked_at timestamptz,
    add column status_reason text,
    add column status_note text not null default '',
    add column decided_by_id bigint references agent on delete set null,
    add column decided_at timestamptz,
    add column map_x real,
    add column map_y real,
    add constraint failed_response_status check (status in ('open', 'resolved', 'dismissed')),
    add constraint failed_response_alone check (cluster_id is null or placed is not null);
alter table failed_response alter column embedding set storage plain;
create index failed_response_cluster on failed_response (cluster_id, id) where cluster_id is not null;
create index failed_response_to_look_at on failed_response (id) where looked_at is null;
create index failed_response_single on failed_response (id) where cluster_id is null;
create index failed_response_recent on failed_response (created_at desc, id desc);

create table cluster_decision (
    id bigserial primary key,
    cluster_id bigint references cluster on delete cascade,
    failed_response_id bigint references failed_response on delete cascade,
    kind text not null check (kind in ('split', 'merge', 'move', 'rename', 'snooze', 'wake', 'assign', 'dismiss', 'resolve',
        'reopen', 'article', 'service')),
    agent_id bigint references agent on delete set null,
    agent_name text not null,
    note text not null default '',
    before jsonb not null default '{}',
    after jsonb not null default '{}',
    at timestamptz not null default clock_timestamp(),
    undone_at timestamptz,
    undone_by_id bigint references agent on delete set null,
    constraint about_something check (num_nonnulls(cluster_id, failed_response_id) >= 1)
);
create index cluster_decision_cluster on cluster_decision (cluster_id, id) where cluster_id is not null;
create index cluster_decision_failure on cluster_decision (failed_response_id, id) where failed_response_id is not null;

create table grouping_run (
    id bigserial primary key,
    model_id text not null,
    failures integer not null,
    groups integer not null,
    applied integer not null default 0,
    proposed integer not null default 0,
    seconds double precision not null,
    at timestamptz not null default clock_timestamp()
);

create table cluster_proposal (
    id bigserial primary key,
    run_id bigint not null references grouping_run on delete cascade,
    kind text not null check (kind in ('merge', 'split', 'move')),
    cluster_id bigint not null references cluster on delete cascade,
    other_id bigint references cluster on delete cascade,
    failure_ids bigint[] not null default '{}',
    likeness double precision not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'declined', 'applied', 'outdated')),
    made_at timestamptz not null default clock_timestamp(),
    decided_at timestamptz,
    decided_by_id bigint references agent on delete set null,
    constraint proposal_between_two check (other_id <> cluster_id and (kind = 'split' or other_id is not null)),
    constraint proposal_decided_when_not_open check ((state = 'open') = (decided_at is null))
);
create index cluster_proposal_run on cluster_proposal (run_id);
create index cluster_proposal_cluster on cluster_proposal (cluster_id);
create index cluster_proposal_other on cluster_proposal (other_id) where other_id is not null;

create table cluster_suggestion (
    cluster_id bigint not null references cluster on delete cascade,
    ord smallint not null,
    service_id bigint references service on delete cascade,
    article_id bigint references article on delete cascade,
    score double precision not null,
    confidence double precision not null check (confidence between 0 and 1),
    computed_at timestamptz not null default clock_timestamp(),
    primary key (cluster_id, ord),
    constraint one_suggested check (num_nonnulls(service_id, article_id) = 1)
);
create index cluster_suggestion_service on cluster_suggestion (service_id) where service_id is not null;
create index cluster_suggestion_article on cluster_suggestion (article_id) where article_id is not null;

create table suggestion_calibrator (
    id bigserial primary key,
    knowledge text not null,
    weights jsonb not null,
    simulated integer not null,
    decided integer not null,
    auroc double precision,
    ece double precision,
    trained_at timestamptz not null default clock_timestamp()
);

-- What analysts chose where the desk had suggested something: a calibrator learns from it.
create table suggestion_outcome (
    id bigserial primary key,
    decision_id bigint not null unique references cluster_decision on delete cascade,
    features jsonb not null,
    known boolean not null,
    first_right boolean not null,
    at timestamptz not null default clock_timestamp()
);

create table regression_turn (
    id bigserial primary key,
    message_id bigint unique references message on delete cascade,
    question text not null check (question <> ''),
    service_id bigint references service on delete cascade,
    article_id bigint references article on delete cascade,
    origin text not null check (origin in ('confirmed', 'replayed')),
    added_at timestamptz not null default clock_timestamp(),
    constraint one_expected check (num_nonnulls(service_id, article_id) = 1)
);
create unique index regression_turn_once on regression_turn
    (md5(lower(question)), coalesce(service_id, 0), coalesce(article_id, 0));
create index regression_turn_service on regression_turn (service_id) where service_id is not null;
create index regression_turn_article on regression_turn (article_id) where article_id is not null;

create table replay (
    id bigserial primary key,
    cluster_id bigint references cluster on delete cascade,
    failed_response_id bigint references failed_response on delete cascade,
    purpose text not null check (purpose in ('before', 'after')),
    change jsonb,
    state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    fault text,
    by_agent_id bigint references agent on delete set null,
    bot_version text,
    total integer not null default 0,
    done integer not null default 0,
    fixed integer not null default 0,
    failing integer not null default 0,
    kept integer not null default 0,
    broken integer not null default 0,
    attempts smallint not null default 0,
    lease_until timestamptz,
    asked_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    constraint replay_of_something check (num_nonnulls(cluster_id, failed_response_id) = 1),
    constraint replay_over_when_finished check ((state in ('waiting', 'running')) = (finished_at is null)),
    constraint replay_counts check (done = fixed + failing + kept + broken and done <= total)
);
create index replay_cluster on replay (cluster_id, id) where cluster_id is not null;
create index replay_failure on replay (failed_response_id, id) where failed_response_id is not null;
create index replay_due on replay (id) where state in ('waiting', 'running');

create table replay_turn (
    id bigserial primary key,
    replay_id bigint not null references replay on delete cascade,
    failed_response_id bigint references failed_response on delete cascade,
    regression_turn_id bigint references regression_turn on delete cascade,
    question text not null,
    verdict text check (verdict in ('fixed', 'failing', 'kept', 'broken')),
    said text,
    source_kind text check (source_kind in ('service', 'article')),
    source_id bigint,
    source_title text,
    confidence double precision,
    constraint turn_of_one check (num_nonnulls(failed_response_id, regression_turn_id) = 1)
);
create index replay_turn_replay on replay_turn (replay_id, id);
create index replay_turn_failure on replay_turn (failed_response_id) where failed_response_id is not null;
create index replay_turn_regression on replay_turn (regression_turn_id) where regression_turn_id is not null;

alter table desk
    add column failure_join_percent smallint not null default 55 check (failure_join_percent between 30 and 95),
    add column failure_pass_percent smallint not null default 80 check (failure_pass_percent between 0 and 100),
    add column failure_reopen_count smallint not null default 3 check (failure_reopen_count between 1 and 1000);
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
