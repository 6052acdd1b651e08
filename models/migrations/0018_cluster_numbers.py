"""The numbers of a cluster are read from an index alone: its failures are wide rows, each with a vector in it."""

STATEMENTS = """
drop index failed_response_cluster;
create index failed_response_cluster on failed_response (cluster_id, id)
    include (customer_id, status, created_at) where cluster_id is not null;
"""


def up(migrator, db):
    db.execute_sql(STATEMENTS)
