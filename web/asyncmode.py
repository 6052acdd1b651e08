"""The only file that knows which concurrency library is in use: patch, serve, offload, spawn.

Importing it patches the standard library, so it is the first import of `web/__main__.py`
and of nothing else. `ASYNC_MODE` chooses eventlet (the default), gevent or threading;
everything above uses `threading` and `time.sleep`, which are green once patched.
"""

from __future__ import annotations

import os
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

MODE = os.environ.get("ASYNC_MODE", "eventlet")
LONGEST_LINE = 64 * 1024  # bytes of a request's first line: the servers' own 8 KiB are refused without a word of ours
T = TypeVar("T")

if MODE == "eventlet":
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()  # psycopg2 becomes green with it
    import eventlet.tpool
    import eventlet.websocket
    import eventlet.wsgi

    def _unmask(data: bytes, mask: bytes, length: int | None = None, offset: int = 0) -> bytes:
        """Undo the mask of a websocket frame as one number; eventlet goes byte by byte."""
        data = data if length is None else data[:length]
        key = (mask * (len(data) // 4 + 2))[offset % 4 : offset % 4 + len(data)]
        return (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(len(data))

    eventlet.websocket.RFC6455WebSocket._apply_mask = staticmethod(_unmask)  # noqa: SLF001
elif MODE == "gevent":
    from gevent import monkey

    monkey.patch_all()
    import gevent
    from gevent import pywsgi
    from geventwebsocket.handler import WebSocketHandler
    from psycogreen.gevent import patch_psycopg

    pywsgi.MAX_REQUEST_LINE = LONGEST_LINE
    patch_psycopg()  # gevent does not do this by itself: without it one query stops everybody
else:
    import threading


def spawn(work: Callable[..., Any], *args: Any) -> None:
    """Run beside everything else."""
    if MODE == "eventlet":
        eventlet.spawn_n(work, *args)
    elif MODE == "gevent":
        gevent.spawn(work, *args)
    else:
        threading.Thread(target=work, args=args, daemon=True).start()


def offload(work: Callable[..., T], *args: Any) -> T:
    """Run what holds the CPU for long (a password hash) in a real thread, while others go on."""
    if MODE == "eventlet":
        done: T = eventlet.tpool.execute(work, *args)
        return done
    if MODE == "gevent":
        found: T = gevent.get_hub().threadpool.apply(work, args)
        return found
    return work(*args)


@contextmanager
def at_most(seconds: float, environ: dict[str, Any]) -> Iterator[None]:
    """`TimeoutError` for whoever waits inside longer than this for the client of a request."""
    if MODE == "eventlet":
        with eventlet.Timeout(seconds, TimeoutError()):
            yield
    elif MODE == "gevent":
        with gevent.Timeout(seconds, TimeoutError()):
            yield
    else:  # a thread is only woken by its own socket: each wait counts by itself
        line = environ.get("werkzeug.socket")
        if line is not None:
            line.settimeout(seconds)
        yield


def serve(app: Any, host: str, port: int, *, most: int = 200) -> None:
    """Serve until stopped. `most` is explicit: eventlet's own default lets the 1,025th socket hang without a word."""
    if MODE == "eventlet":
        listener = _at_once(eventlet.listen((host, port), backlog=2048))
        eventlet.wsgi.server(
            listener,
            app,
            max_size=most,
            log_output=False,
            debug=False,
            keepalive=75,
            url_length_limit=LONGEST_LINE,
        )
    elif MODE == "gevent":
        server = pywsgi.WSGIServer(
            (host, port), app, handler_class=WebSocketHandler, backlog=2048, spawn=most, log=None
        )
        server.init_socket()
        _at_once(server.socket)
        server.serve_forever()
    else:
        from werkzeug.serving import make_server

        threaded = make_server(host, port, app, threaded=True)
        _at_once(threaded.socket)
        threaded.serve_forever()


def _at_once(listener: Any) -> Any:
    """Accepted sockets inherit it: an ack right behind an event does not wait 40 ms for the event to be confirmed."""
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
