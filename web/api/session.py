"""Signing in and out, and the ticket that opens a socket."""

from __future__ import annotations

from flask import Response, g, jsonify, request

from models.actions import agents, visitors
from models.queries import agents as read
from models.queries.shapes import Out
from models.schemas.people import MeOut, SignIn, TicketOut
from web import auth, limits
from web.api.routes import blueprint, route
from web.auth import AGENT, ANYBODY

bp = blueprint("session", "Signing in to the console")


@route(bp, "POST", "/session", caller=ANYBODY, takes=SignIn, gives=MeOut)
def sign_in(email: str, password: str) -> Response:
    """Sign in. The session lives in an HttpOnly cookie; the answer carries the CSRF token."""
    auth.require_own_origin()
    token, viewer = auth.sign_in(email, password)
    response = jsonify(read.me(viewer, auth.csrf_token(token)))
    auth.set_cookie(response, token)
    return response


@route(bp, "GET", "/session", caller=AGENT, gives=MeOut)
def me() -> Out:
    """Who is signed in, what they may do, and the desk they sit at."""
    return read.me(g.viewer, auth.csrf_token(request.cookies[auth.cookie_name()]))


@route(bp, "DELETE", "/session", caller=AGENT, status=204)
def sign_out() -> Response:
    """Sign out. With the last session of an agent, their chats return to the queue."""
    agents.signs_out(g.viewer)
    response = Response(status=204)
    auth.clear_cookie(response)
    return response


@route(bp, "POST", "/ticket", caller=AGENT, gives=TicketOut, status=201)
def ticket() -> Out:
    """A one-use ticket for one console socket."""
    limits.count("ticket", f"agent:{g.viewer.id}")
    return {"ticket": visitors.ticket_for(g.viewer)}
