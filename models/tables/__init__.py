"""What is stored. Columns, constraints and one-statement verbs; no business rules."""
