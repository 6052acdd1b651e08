"""A change of the model has a worker with a lease, keeps who asked for it, and reads the bot's own turns as well."""

STATEMENTS = """
alter table reembedding
    add column from_model_id text not null default 'all-MiniLM-L6-v2',
    add column lease_until timestamptz,
    add column attempts smallint not null default 0;
alter table reembedding alter column from_model_id drop default;
alter table coming_vector
    drop constraint coming_vector_place_check,
    add constraint coming_vector_place_check
        check (place in ('service_phrase', 'article_chunk', 'article_phrase', 'failed_response', 'bot_turn'));
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
