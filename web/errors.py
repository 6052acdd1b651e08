"""Business errors to answers: the one table that knows both words and numbers."""

from __future__ import annotations

from typing import Any

import peewee
import structlog
from flask import Flask, Response, jsonify, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from models.db import sqlstate
from models.errors import (
    Busy,
    Conflict,
    DeskError,
    Invalid,
    NotFound,
    Refused,
    SignedOut,
    TooLarge,
    TooMany,
    WrongBody,
)

log = structlog.get_logger()

STATUS: dict[type[DeskError], int] = {
    SignedOut: 401,
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    WrongBody: 415,
    Invalid: 422,
    TooMany: 429,
    Busy: 503,
}

# What Werkzeug says, in our words.
_HTTP_CODES = {
    400: ("invalid", "The request cannot be read."),
    404: ("not_found", NotFound.sentence),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The request is larger than this address takes."),
    415: ("invalid", "Send JSON, with Content-Type: application/json."),
    422: ("invalid", Invalid.sentence),
}


def as_error(fault: DeskError) -> dict[str, Any]:
    """An `ErrorOut`, for every transport."""
    return {"code": fault.code, "message": fault.sentence, **fault.detail}


def from_validation(fault: ValidationError) -> Invalid:
    """What a schema objects to, field by field. A missing explanation has a code of its own."""
    said = _by_name(fault.normalized_messages())
    if set(said) == {"note"} and any("Others" in str(line) for line in said["note"]):
        return Invalid(said["note"][0], code="reason_required", fields=said)
    return Invalid(fields=said)


def _by_name(said: dict[Any, Any]) -> dict[str, Any]:
    """Places in a list come as numbers, and JSON knows only names."""
    return {str(key): _by_name(value) if isinstance(value, dict) else value for key, value in said.items()}


def answer(fault: DeskError) -> Response:
    status = next(code for kind, code in STATUS.items() if isinstance(fault, kind))
    response = jsonify(as_error(fault))
    response.status_code = status
    if "retry_after_s" in fault.detail:
        response.headers["Retry-After"] = str(fault.detail["retry_after_s"])
    elif "retry_after_ms" in fault.detail:
        response.headers["Retry-After"] = str(max(1, fault.detail["retry_after_ms"] // 1000))
    return response


def install(app: Flask) -> None:
    @app.errorhandler(DeskError)
    def desk_error(fault: DeskError) -> Response:
        return answer(fault)

    @app.errorhandler(ValidationError)
    def invalid(fault: ValidationError) -> Response:
        return answer(from_validation(fault))

    @app.errorhandler(HTTPException)
    def http_error(fault: HTTPException) -> Response:
        # flask-smorest reports a schema's objections as a 422 that carries them
        said = getattr(fault, "data", None)
        if isinstance(said, dict) and isinstance(said.get("messages"), dict):
            by_place = said["messages"]
            return answer(from_validation(ValidationError(next(iter(by_place.values()), {}))))
        status = fault.code or 500
        code, sentence = _HTTP_CODES.get(status, ("failed", "Something went wrong."))
        response = jsonify({"code": code, "message": sentence})
        response.status_code = status
        if allowed := getattr(fault, "valid_methods", None):
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(peewee.OperationalError)
    @app.errorhandler(peewee.InterfaceError)
    def database_away(fault: Exception) -> Response:
        log.error("database_unavailable", path=request.path, fault=type(fault).__name__, sqlstate=sqlstate(fault))
        return answer(Busy(retry_after_ms=1000))

    @app.errorhandler(Exception)
    def unexpected(fault: Exception) -> Response:
        log.error("request_failed", path=request.path, method=request.method, exc_info=fault)
        response = jsonify({"code": "failed", "message": "Something went wrong on our side. Nothing was changed."})
        response.status_code = 500
        return response
