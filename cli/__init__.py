"""The side door: what starts a desk, looks after it and takes it apart."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout this door belongs to."""
