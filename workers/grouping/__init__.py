"""The grouping of failures: one by one as they come in, all of them once a night, and what each group is about."""
