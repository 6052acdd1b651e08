"""`python -m web`: one front process, REST and sockets on one port, health and metrics on another."""

from web import asyncmode  # isort: skip - patches the standard library before anything else is imported

import gc
import os
import signal
import sys
from types import FrameType

import structlog

from models import jobs
from models.db import connect
from models.media import storage
from models.settings import BadSettings, settings
from web import logs
from web.app import create_app
from web.nudges import Nudges
from web.ops import Ops
from web.sockets.front import Front

log = structlog.get_logger()


def main() -> int:
    try:
        found = settings()
    except BadSettings as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201 - before logging is set up, to a person at a terminal
        return 2
    logs.set_up(found.log_level)
    connect(found, application="parley-web")
    app = create_app(found)
    storage.aside_through(asyncmode.offload)
    storage.storage()  # a place that cannot be used is known now, not at the first file
    jobs.send_through(Nudges(asyncmode.spawn).put)
    front = Front(app, found)
    front.start()
    asyncmode.spawn(asyncmode.serve, Ops(found, front), found.ops_host, found.ops_port)

    def stop(_number: int, _frame: FrameType | None) -> None:
        asyncmode.spawn(_leave, front)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # What lives as long as the process need not be looked at by every collection.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    log.info("front_started", port=found.port, ops_port=found.ops_port, mode=found.async_mode, front=front.name)
    asyncmode.serve(app, found.host, found.port, most=found.max_sockets + 500)
    return 0


def _leave(front: Front) -> None:
    """Finish what is under way, send the sockets elsewhere, go."""
    log.info("front_stopping", sockets=len(front.holders))
    try:
        front.drain()
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
