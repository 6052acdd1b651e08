"""The back room: Celery workers that are nudged and look at rows."""
