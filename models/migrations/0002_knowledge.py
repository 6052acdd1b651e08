"""What the bot knows, and what it did not know."""

STATEMENTS = """
create table service (
    id bigserial primary key,
    key text not null unique check (key <> ''),
    name text not null check (name <> ''),
    description text not null default '',
    answer text not null,
    team_id bigint references team on delete set null,
    enabled boolean not null default true,
    direction vector(384),
    bias double precision,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
create index service_team on service (team_id);

create table service_phrase (
    id bigserial primary key,
    service_id bigint not null references service on delete cascade,
    origin text not null default 'example' check (origin in ('example', 'own')),
    text text not null check (text <> ''),
    embedding vector(384)
);
-- No nearest-neighbour index here: a service is weighed by its own few phrasings, exactly.
create unique index service_phrase_once on service_phrase (service_id, text);
create index service_phrase_to_embed on service_phrase (id) where embedding is null;

create table article (
    id bigserial primary key,
    slug text not null unique check (slug <> ''),
    title text not null check (title <> ''),
    body text not null,
    published boolean not null default true,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
create index article_words on article using gin (to_tsvector('english', title || ' ' || body));

create table article_chunk (
    id bigserial primary key,
    article_id bigint not null references article on delete cascade,
    ord integer not null,
    text text not null,
    embedding vector(384)
);
create unique index article_chunk_order on article_chunk (article_id, ord);
create index article_chunk_embedding on article_chunk using hnsw (embedding vector_cosine_ops);
create index article_chunk_to_embed on article_chunk (id) where embedding is null;

create table answer_bars (
    id bigserial primary key,
    knowledge text not null,
    sure double precision not null,
    doubt double precision not null check (doubt <= sure),
    examples integer not null,
    accuracy double precision not null,
    measured_at timestamptz not null default clock_timestamp()
);

create table failed_response (
    id bigserial primary key,
    chat_id bigint not null references chat on delete cascade,
    message_id bigint not null unique references message on delete cascade,
    text text not null,
    trigger text not null check (trigger in ('low_confidence', 'no_knowledge', 'asked_for_person', 'bot_failed', 'bot_silent')),
    candidates jsonb not null default '[]',
    embedding vector(384),
    status text not null default 'open',
    created_at timestamptz not null default clock_timestamp()
);
create index failed_response_chat on failed_response (chat_id);
create index failed_response_open on failed_response (created_at) where status = 'open';
create index failed_response_to_embed on failed_response (id) where embedding is null;
create index failed_response_embedding on failed_response using hnsw (embedding vector_cosine_ops);
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
