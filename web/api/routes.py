"""How routes are made: a blueprint per noun, each view with its caller, its shapes and its OpenAPI entry."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from flask import Request, Response, jsonify, request
from flask_smorest import Blueprint
from webargs.core import missing
from webargs.flaskparser import FlaskParser, is_json_request

from models.schemas.base import Shape
from models.schemas.events import ErrorOut
from web import receiving
from web.auth import Who, who
from web.scopes import needed

Handler = Callable[..., Any]

MUCH = 8 * 1024 * 1024  # bytes
FILE_TYPES = {"json": "application/json", "csv": "text/csv"}  # by the `format` of a query


class _StrictParser(FlaskParser):
    """Bodies are read by orjson: webargs' own reader takes NaN, and falls over a deep nesting."""

    def _raw_load_json(self, req: Request) -> Any:
        return orjson.loads(req.get_data(cache=True)) if is_json_request(req) else missing


class _Noun(Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = _StrictParser()


def blueprint(noun: str, about: str) -> Blueprint:
    return _Noun(noun, noun, url_prefix="/api", description=about)


def takes_much(bp: Blueprint, view: str) -> None:
    """Let one route of a blueprint have a body of up to `MUCH`: a file that travels as text."""

    @bp.before_request  # type: ignore[untyped-decorator]
    def widen() -> None:
        if request.endpoint == f"{bp.name}.{view}":
            request.max_content_length = MUCH


def route(
    bp: Blueprint,
    method: str,
    path: str,
    *,
    caller: Who,
    takes: type[Shape] | None = None,
    asks: type[Shape] | None = None,
    gives: type[Shape] | None = None,
    status: int = 200,
    takes_file: bool = False,
    gives_files: tuple[str, ...] = (),
) -> Callable[[Handler], Handler]:
    """Declare a route: who may call it, the body it takes, the query it asks, the shape it gives.

    With `takes_file` the body is a file and the view reads it by itself. With `gives_files` the answer is a
    file of one of these content types, and the view makes the response.

    The view gets the loaded body and query as keyword arguments and answers plain data,
    already in the shape (`models/queries/shapes.py`); nothing is dumped twice.
    """

    def declare(view: Handler) -> Handler:
        wrapped = _answering(view, status)
        if takes is not None:
            wrapped = _heard_out(bp.arguments(takes, as_kwargs=True)(wrapped))
        if asks is not None:
            wrapped = bp.arguments(asks, location="query", as_kwargs=True)(wrapped)
        wrapped = bp.alt_response(422, schema=ErrorOut, description="The request, or a rule, says no")(wrapped)
        wrapped = bp.alt_response(404, schema=ErrorOut, description="No such thing, or not yours")(wrapped)
        if caller.kind == "agent":
            scope = needed(f"{bp.name}.{view.__name__}", method)
            by_key = [{"key": [scope]}] if scope else []
            wrapped = bp.doc(security=[{"agent": []}, *by_key])(wrapped)
        elif caller.kind == "visitor":
            wrapped = bp.doc(security=[{"visitor": []}])(wrapped)
        if caller.kind != "anybody":
            wrapped = bp.alt_response(401, schema=ErrorOut, description="Nobody is signed in")(wrapped)
            wrapped = bp.alt_response(403, schema=ErrorOut, description="Your role, or this origin, may not")(wrapped)
        if method != "GET":
            wrapped = bp.alt_response(409, schema=ErrorOut, description="The state, or somebody faster, says no")(
                wrapped
            )
        if takes_file:
            wrapped = _documented_as_file(bp, wrapped)
        if gives_files:
            # a file of JSON is read as what it holds, any other as text
            content = {each: {"schema": {} if "json" in each else {"type": "string"}} for each in gives_files}
            wrapped = bp.doc(responses={str(status): {"description": "The file", "content": content}})(wrapped)
        wrapped = bp.alt_response(429, schema=ErrorOut, description="Too often")(wrapped)
        wrapped = bp.response(status, gives() if gives is not None else None)(wrapped)
        who(caller)(wrapped)
        bp.route(path, methods=[method])(wrapped)
        return view

    return declare


def _heard_out(view: Handler) -> Handler:
    """Before it is looked into, the body is there: a slow sender holds no connection to the database."""

    @wraps(view)
    def heard(*args: Any, **kwargs: Any) -> Any:
        receiving.hear_out()
        return view(*args, **kwargs)

    return heard


def _documented_as_file(bp: Blueprint, view: Handler) -> Handler:
    """The body is a file, whatever its Content-Type says (`web/receiving.py` reads it)."""
    body = {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
    for status, why in (
        (413, "The file is too large"),
        (415, "The body is a form, or packed"),
        (503, "The file cannot be checked or stored right now"),
    ):
        view = bp.alt_response(status, schema=ErrorOut, description=why)(view)
    documented: Handler = bp.doc(requestBody=body)(view)
    return documented


def _answering(view: Handler, status: int) -> Handler:
    """Turn the view's plain data into a response, so that no schema dumps it a second time."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        result = view(*args, **kwargs)
        if isinstance(result, Response):
            return result
        response = jsonify(result) if result is not None else Response()
        response.status_code = status
        return response

    return answer
