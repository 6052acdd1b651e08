"""The demo team's passwords: made at the first start, kept for the next, never a fixed default."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher

from cli.rundir import RunDir, write_private
from models.rules.passwords import generate

# argon2id. One lane: a desk has few cores, and signing in waits for all lanes at once.
hasher = PasswordHasher(parallelism=1)


@dataclass(frozen=True)
class Member:
    email: str
    password: str


class DemoTeam:
    """The passwords in .run/demo-agents.json, by e-mail address."""

    def __init__(self, run_dir: RunDir) -> None:
        self._path = run_dir.path / "demo-agents.json"

    def members(self) -> list[Member]:
        return [Member(email, password) for email, password in self._read().items()]

    def hash_for(self, email: str) -> str:
        """A hash for an agent who is being made now. The password is on disk before the agent is in the database."""
        known = self._read()
        if email not in known:
            known[email] = generate(secrets.choice)
            write_private(self._path, json.dumps(known, indent=1) + "\n")
        return hasher.hash(known[email])

    def table(self) -> str:
        """How each of the demo team signs in, as lines for a terminal."""
        width = max(len(member.email) for member in self.members())
        return "\n".join(f"  {member.email:{width}}  {member.password}" for member in self.members())

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        found: dict[str, str] = json.loads(self._path.read_text())
        return found
