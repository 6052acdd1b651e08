"""What the front writes down: one line of JSON per event, a fixed name and fields, never a text or a token."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up(level: str) -> None:
    number = logging.getLevelName(level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # python-socketio reports a client's broken frame as an error with a traceback; the gate counts them instead
    logging.getLogger("engineio.server").setLevel(logging.CRITICAL)
    # the threaded server's access log would write down what people search for
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
