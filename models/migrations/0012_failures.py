"""What the bot said and how sure it was, what it failed on, what became of its answers; drafts and versions of its knowledge.

Vectors lose their fixed length: another model may have another. Likeness is measured exactly, so no index is lost.
"""

STATEMENTS = """
drop index article_chunk_embedding;
drop index failed_response_embedding;
alter table service alter column direction type vector;
alter table service_phrase alter column embedding type vector, alter column embedding set storage plain;
alter table article_chunk alter column embedding type vector, alter column embedding set storage plain;
alter table failed_response alter column embedding type vector, alter column embedding set storage plain;

-- Which model reads, which models the back room has, and the change to another.
alter table desk add column embedding_model text not null default 'all-MiniLM-L6-v2';

create table embedding_model (
    id text primary key,
    available boolean not null,
    fault text,
    checked_at timestamptz not null default clock_timestamp()
);

create table reembedding (
    id bigserial primary key,
    model_id text not null,
    state text not null default 'running' check (state in ('running', 'done', 'cancelled', 'failed')),
    by_agent_id bigint references agent,
    texts integer not null,
    read integer not null default 0,
    fault text,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    constraint finished_when_not_running check ((state = 'running') = (finished_at is null))
);
create unique index reembedding_one_running on reembedding ((true)) where state = 'running';

create table coming_vector (
    reembedding_id bigint not null references reembedding on delete cascade,
    place text not null check (place in ('service_phrase', 'article_chunk', 'article_phrase', 'failed_response')),
    text_id bigint not null,
    embedding vector not null,
    primary key (reembedding_id, place, text_id)
);

-- Services and articles as people keep them.
alter table service
    add column quick_replies text[] not null default '{}',
    add column handover text not null default 'never' check (handover in ('never', 'after_answer', 'instead')),
    add column version integer not null default 1,
    add column published_at timestamptz,
    add column archived_at timestamptz,
    add column changed_by_id bigint references agent on delete set null,
    add constraint service_archived_is_off check (archived_at is null or not enabled);
update service set published_at = created_at where enabled;
create index service_changed_by on service (changed_by_id) where changed_by_id is not null;

create table service_version (
    id bigserial primary key,
    service_id bigint not null references service on delete cascade,
    version integer not null,
    content jsonb not null,
    by_agent_id bigint references agent on delete set null,
    by_name text not null,
    at timestamptz not null default clock_timestamp()
);
create unique index service_version_once on service_version (service_id, version);

alter table article
    add column version integer not null default 1,
    add column published_at timestamptz,
    add column archived_at timestamptz,
    add column changed_by_id bigint references agent on delete set null,
    add constraint article_archived_is_off check (archived_at is null or not published);
update article set published_at = created_at where published;
create index article_changed_by on article (changed_by_id) where changed_by_id is not null;

create table article_phrase (
    id bigserial primary key,
    article_id bigint not null references article on delete cascade,
    text text not null check (text <> ''),
    embedding vector
);
alter table article_phrase alter column embedding set storage plain;
create unique index article_phrase_once on article_phrase (article_id, text);
create index article_phrase_to_embed on article_phrase (id) where embedding is null;

create table article_draft (
    article_id bigint primary key references article on delete cascade,
    title text not null check (title <> ''),
    body text not null,
    phrasings text[] not null default '{}',
    by_agent_id bigint references agent on delete set null,
    updated_at timestamptz not null default clock_timestamp()
);

create table article_version (
    id bigserial primary key,
    article_id bigint not null references article on delete cascade,
    version integer not null,
    content jsonb not null,
    by_agent_id bigint references agent on delete set null,
    by_name text not null,
    at timestamptz not null default clock_timestamp()
);
create unique index article_version_once on article_version (article_id, version);

-- Every turn of the bot, and what the customer thought of its answer.
create table bot_turn (
    message_id bigint primary key references message on delete cascade,
    chat_id bigint not null references chat on delete cascade,
    reply_id bigint references message on delete set null,
    outcome text not null check (outcome in ('answered', 'asked_back', 'asked_which', 'small_talk', 'settled', 'missed')),
    question text not null,
    service_id bigint references service on delete set null,
    article_id bigint references article on delete set null,
    confidence double precision,
    candidates jsonb not null default '[]',
    bot_version text not null,
    model_id text,
    embedding vector,
    at timestamptz not null default clock_timestamp(),
    constraint vector_of_a_model check ((model_id is null) = (embedding is null))
);
create index bot_turn_chat on bot_turn (chat_id, message_id);
create unique index bot_turn_reply on bot_turn (reply_id) where reply_id is not null;
create index bot_turn_service on bot_turn (service_id, at) where service_id is not null;
create index bot_turn_article on bot_turn (article_id, at) where article_id is not null;
create index bot_turn_at on bot_turn (at);

create table answer_feedback (
    message_id bigint primary key references message on delete cascade,
    chat_id bigint not null references chat on delete cascade,
    customer_id bigint not null references customer on delete cascade,
    helped boolean not null,
    at timestamptz not null default clock_timestamp()
);
create index answer_feedback_chat on answer_feedback (chat_id);
create index answer_feedback_customer on answer_feedback (customer_id);

-- One row per failed turn.
alter table failed_response
    add column normalized text not null default '',
    add column language text,
    add column channel_id bigint references channel,
    add column session_id bigint references session on delete cascade,
    add column customer_id bigint references customer on delete cascade,
    add column reply_id bigint references message on delete set null,
    add column bot_version text not null default '',
    add column model_id text,
    add column noise text
        check (noise in ('empty', 'too_short', 'too_long', 'greeting', 'thanks', 'small_talk', 'personal_data', 'spam')),
    add column answer text,
    add column answer_message_ids bigint[] not null default '{}',
    add column answered_by_id bigint references agent on delete set null,
    add column answered_at timestamptz,
    drop constraint failed_response_trigger_check,
    add constraint failed_response_trigger_check check (trigger in (
        'low_confidence', 'no_knowledge', 'clarification_refused', 'thumbs_down', 'asked_again', 'person_after_answer',
        'bot_failed', 'bot_silent'));
update failed_response f
    set normalized = lower(btrim(regexp_replace(f.text, '\\s+', ' ', 'g'))), channel_id = c.channel_id, session_id = c.session_id,
        customer_id = c.customer_id, model_id = case when f.embedding is not null then 'all-MiniLM-L6-v2' end
    from chat c where c.id = f.chat_id;
alter table failed_response
    alter column normalized drop default,
    alter column bot_version drop default,
    alter column channel_id set not null,
    alter column session_id set not null,
    alter column customer_id set not null,
    add constraint failed_vector_of_a_model check ((model_id is null) = (embedding is null));
create index failed_response_session on failed_response (session_id);
create index failed_response_customer on failed_response (customer_id, created_at);
create index failed_response_reply on failed_response (reply_id) where reply_id is not null;
create index failed_response_normalized on failed_response (md5(normalized));
create index failed_response_unanswered on failed_response (created_at) where answered_at is null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
