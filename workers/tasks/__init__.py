"""Each task is a name, its limits and one call. What it does lives in `models.actions` and `workers.bot`."""
