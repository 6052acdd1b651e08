"""The processes of a desk are the same whoever starts them: `parley up`, a process manager, Docker."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import pytest

from cli import ROOT, formation

SAID_ELSEWHERE = {"--loglevel=info", "--concurrency=1"}  # by the settings, and by a pool of one


def words(command: Sequence[str]) -> set[str]:
    """A command without the interpreter and what is said elsewhere, in any order."""
    said = [each for each in command if not re.match(r"env$|[A-Z_]+=", each)]
    if said[0].rpartition("/")[2].startswith("python"):
        said = said[2:] if said[1] == "-m" else said[1:]
    return set(said) - SAID_ELSEWHERE


def ours() -> dict[str, set[str]]:
    return {part.name: words(part.command) for part in formation.everything()}


@pytest.mark.parametrize(
    "line", [r"^(\w+): (.+)$", r"^  (\w+):\n    <<: \*parley\n    command: (.+)$"], ids=["Procfile", "compose"]
)
def test_the_lists_for_others_say_what_ours_says(line: str) -> None:
    text = (ROOT / ("Procfile" if line.startswith("^(") else "docker-compose.yml")).read_text()
    theirs = {name: words(shlex.split(command)) for name, command in re.findall(line, text, re.MULTILINE)}
    theirs.pop("release", None)
    assert theirs == ours()
