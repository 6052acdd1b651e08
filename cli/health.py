"""Does it answer? The questions `parley up` asks before it says "ready", and `parley doctor` asks of a running desk."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import Any


def front(ops_port: int) -> tuple[bool, dict[str, Any]]:
    """What the front says of itself and of what it needs: (ready, the whole report)."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{ops_port}/health/ready", timeout=3) as answer:
            return True, _report(answer.read())
    except urllib.error.HTTPError as refusal:
        return False, _report(refusal.read())
    except OSError:
        return False, {}


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def workers() -> set[str]:
    """The names of the workers that answer a ping just now. A solo worker answers between two jobs."""
    from models.jobs import producer

    answers = producer().control.ping(timeout=0.7) or []
    return {name.split("@")[0] for answer in answers for name in answer}


def _report(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
