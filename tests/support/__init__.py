"""The harness: real Postgres and Redis for every run, a database per worker, real processes where a test asks for them."""
