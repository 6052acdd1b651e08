"""Numbered, frozen steps. They never import tables: a table goes on changing, a step does not."""
