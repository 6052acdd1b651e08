"""Canned messages: keep them in order, and carry them from one desk to another."""
