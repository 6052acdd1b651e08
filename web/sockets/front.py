"""The live half of a front process: sockets open and close here, and a few loops keep them honest."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask
from flask_socketio import SocketIO

from models import live
from models.actions import presence, viewing, visitors
from models.db import connection
from models.live import CONSOLE, VISITOR, Event
from models.queries import access
from models.queries.access import Viewer
from models.settings import Settings
from web import asyncmode, metrics
from web.auth import own_origins
from web.limits import address_of
from web.sockets import console, heads, visitor
from web.sockets.batch import Batcher
from web.sockets.bus import Bus
from web.sockets.gate import Gate, Json
from web.sockets.holders import Holder, Holders
from web.sockets.rooms import Rooms

log = structlog.get_logger()

PING_S, PONG_S = 15, 10  # a pulled cable shows within 25 s; the lease of 45 s outlasts it
RENEW_S = 15
HEADS_S = 20
STRANGER_S = 10  # to say who one is; a page does it in its first breath
RECHECK_S = 3  # signing out, disabling and role changes reach open sockets within this
FRAME_BYTES = 128 * 1024
AT_ONCE = 50  # sockets told in one go; then others have their turn
PER_ADDRESS, PER_AGENT, PER_VISITOR = 500, 10, 5  # sockets; an office shares one address


class Front:
    """Everything about the sockets of this process."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.draining = False
        self._settings = settings
        self.holders = Holders()
        self._strangers: set[str] = set()
        self.bus = Bus(settings.redis_url, asyncmode.spawn, self._tell_heads)
        self.socketio = SocketIO(
            app,
            async_mode=settings.async_mode,
            client_manager=self.bus,
            namespaces=[CONSOLE, VISITOR],  # the library's own default lets anybody into "/"
            transports=["websocket"],  # one connection, one process: no sticky routing needed
            cors_allowed_origins=list(own_origins()),  # never "*": the widget's frame is served from here too
            async_handlers=False,
            manage_session=False,  # a copy taken at connect would outlive a sign-out
            json=Json,
            ping_interval=PING_S,
            ping_timeout=PONG_S,
            max_http_buffer_size=FRAME_BYTES,
            http_compression=False,
        )
        self.server = self.socketio.server
        self.rooms = Rooms(self.bus)
        self._batcher = Batcher(asyncmode.spawn, most_waiting=settings.max_in_flight * 4)
        self._gate = Gate(
            self.server,
            self.holders,
            {CONSOLE: console.table(self._batcher, self.rooms), VISITOR: visitor.table(self._batcher)},
            most_in_flight=settings.max_in_flight,
            rate_factor=settings.rate_factor,
        )
        for namespace in (CONSOLE, VISITOR):
            self.server.on("connect", self._opener(namespace), namespace=namespace)
            self.server.on("disconnect", self._closes, namespace=namespace)
        live.speak_through(self._emit)

    def start(self) -> None:
        """Begin the loops; the listener starts with the first socket otherwise, and would miss what comes before."""
        if not self.server.manager_initialized:
            self.server.manager_initialized = True
            self.bus.initialize()
        for every, work in (
            (RENEW_S, self._renew),
            (HEADS_S, self._tell_heads),
            (RECHECK_S, self._recheck),
            (STRANGER_S, self._close_strangers),
        ):
            asyncmode.spawn(_forever, every, work)

    def bus_silence(self) -> float:
        """Seconds since the bus was last heard."""
        return time.monotonic() - self.bus.heard_at

    def count_sockets(self) -> None:
        metrics.sockets.labels("console").set(len(self.holders.agents()))
        metrics.sockets.labels("visitor").set(len(self.holders.visitors()))

    def _emit(self, namespace: str, event: str, rooms: list[str], payload: Any) -> None:
        self.bus.tell(namespace, event, rooms, payload)

    # --- a socket opens and closes -----------------------------------------------------------------------

    def _opener(self, namespace: str) -> Callable[..., bool]:
        def opens(sid: str, environ: dict[str, Any], auth: Any = None) -> bool:
            with connection():
                return self._open(namespace, sid, environ, auth)

        return opens

    def _open(self, namespace: str, sid: str, environ: dict[str, Any], auth: Any) -> bool:
        """A ticket proves who it is; the address, the person and the process each have room for so many."""
        ticket = auth.get("ticket") if isinstance(auth, dict) else None
        if self.draining or not isinstance(ticket, str) or len(self.holders) >= self._settings.max_sockets:
            return False
        address = address_of(environ)
        who = visitors.redeem(ticket)
        if who is None or isinstance(who, Viewer) != (namespace == CONSOLE):
            return False
        most = PER_AGENT if isinstance(who, Viewer) else PER_VISITOR
        if self.holders.sockets_of(who) >= most or (
            not _loopback(address) and self.holders.sockets_from(address) >= PER_ADDRESS
        ):
            log.warning("socket_refused", namespace=namespace, reason="too_many")
            return False
        holder = Holder(sid, self.bus.eio_sid_from_sid(sid, namespace), namespace, who, address)
        self.holders.add(holder)
        self.rooms.join(holder)
        self._take_lease(holder)
        return True

    def _take_lease(self, holder: Holder) -> None:
        if isinstance(holder.who, Viewer):
            presence.socket_opens(holder.who, holder.sid, self.name, holder.shows)
        else:
            presence.visitor_socket_opens(holder.who.customer_id, holder.sid, self.name)

    def _closes(self, sid: str, reason: str | None = None) -> None:
        holder = self.holders.remove(sid)
        if holder is None:
            return
        try:
            with connection():
                presence.socket_closes(sid)
        except Exception as fault:  # noqa: BLE001 - the lease runs out by itself; a closing socket has nobody to tell
            log.warning("lease_not_shortened", fault=type(fault).__name__)

    # --- loops ---------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        with connection():
            for sid in presence.renew_leases(self.name, self.holders.sids()):
                holder = self.holders.get(sid)
                if holder is not None:  # its lease ran out while this process was held up: the socket is still here
                    self._take_lease(holder)

    def _tell_heads(self) -> None:
        """Tell every socket how far its chats are: whoever is behind asks for the rest."""
        for place, (holder, newest) in enumerate(heads.of_every(self.holders)):
            if place % AT_ONCE == 0:
                time.sleep(0)  # with thousands, the messages that arrive meanwhile would wait for the last of them
            self.bus.tell_here(holder.namespace, Event.HEADS.value, [holder.sid], {"heads": newest})

    def _recheck(self) -> None:
        """Cut the sockets of sign-ins that ended, and follow changes of role and team."""
        asked = {holder.who.session_id for holder in self.holders.agents() if isinstance(holder.who, Viewer)}
        if not asked:
            return
        with connection():
            viewers = access.viewers_by_session_ids(sorted(asked))
        for holder in self.holders.agents():
            if not isinstance(holder.who, Viewer) or holder.who.session_id not in asked:
                continue  # opened while we asked
            now = viewers.get(holder.who.session_id)
            if now is None:
                self._cut(holder)
            elif now != holder.who:
                holder.who = now
                self.rooms.rejoin(holder)
                self._shows_nothing(holder)

    def _shows_nothing(self, holder: Holder) -> None:
        """Whoever left the rooms of the chats they watched is nobody's company there any more."""
        if holder.shows is not None:
            holder.shows = None
            with connection():
                viewing.leaves(holder.sid)

    def _cut(self, holder: Holder) -> None:
        self.bus.tell_here(holder.namespace, Event.CUT_OFF.value, [holder.sid], {"reason": "expired"})
        self.server.disconnect(holder.sid, namespace=holder.namespace, ignore_queue=True)

    def _close_strangers(self) -> None:
        """Close connections that have not proved who they are since the last look; they are counted nowhere else."""
        known = {holder.eio_sid for holder in self.holders}
        now = set(self.server.eio.sockets) - known
        for eio_sid in now & self._strangers:
            stranger = self.server.eio.sockets.pop(eio_sid, None)
            if stranger is not None:
                stranger.close(wait=False)  # one whose writer is gone would have this loop wait for ever
        self._strangers = now

    def drain(self) -> None:
        """Take no new sockets and send the open ones elsewhere; what is under way is finished first."""
        self.draining = True
        for sid in self.holders.sids():
            holder = self.holders.get(sid)
            if holder is not None:
                holder.settled.wait(2)
                self.server.disconnect(sid, namespace=holder.namespace, ignore_queue=True)


def _loopback(address: str) -> bool:
    """Behind a proxy on this machine every address looks alike; the proxy counts there."""
    return address.startswith(("127.", "::"))


def _forever(every: float, work: Callable[[], None]) -> None:
    while True:
        time.sleep(every)
        try:
            work()
        except Exception:
            log.exception("front_loop_failed", work=work.__name__)
