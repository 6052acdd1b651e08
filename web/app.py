"""Make the Flask application. Nothing happens at import; `create_app` puts the parts together."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_smorest import Api

from models.schemas.events import ErrorOut
from models.settings import Settings
from web import auth, callbacks, confirming, errors, hooks, letter_pages, media, pages, stopping
from web.api import (
    admin,
    articles,
    bot,
    broadcasts,
    canned,
    catalogue,
    channels,
    chats,
    clusters,
    customers,
    desk,
    end_reasons,
    escalations,
    exports,
    failures,
    history,
    integrations,
    keeping,
    mentions,
    messages,
    promises,
    routing,
    services,
    session,
    transcripts,
    uploads,
    visitor,
)
from web.auth import ANYBODY, who

BODY_LIMIT = 256 * 1024  # bytes of any REST body

BLUEPRINTS = (
    session.bp,
    admin.bp,
    desk.bp,
    channels.bp,
    chats.bp,
    customers.bp,
    catalogue.bp,
    end_reasons.bp,
    escalations.bp,
    history.bp,
    failures.bp,
    clusters.bp,
    exports.bp,
    broadcasts.bp,
    keeping.bp,
    integrations.bp,
    promises.bp,
    routing.bp,
    transcripts.bp,
    visitor.bp,
    messages.bp,
    mentions.bp,
    canned.bp,
    services.bp,
    articles.bp,
    bot.bp,
    uploads.bp,
)


class _Api(Api):  # type: ignore[misc]
    ERROR_SCHEMA = ErrorOut  # what the document says of every refusal it does not name


def create_app(settings: Settings) -> Flask:
    app = Flask("web", static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        API_TITLE="Parley",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": "Every address of the desk. Sockets speak the same shapes: docs/wire.md."},
            "components": {
                "securitySchemes": {
                    "agent": {"type": "apiKey", "in": "cookie", "name": auth.cookie_name()},
                    "visitor": {"type": "http", "scheme": "bearer"},
                    "key": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "An API key (`parley_…`): acts for its account, within its scopes.",
                    },
                }
            },
        },
    )
    hooks.install(app)  # first: the connection must be there before anybody is identified
    auth.install(app)
    api = _Api(app)
    errors.install(app)  # after Api, whose own handler would speak another error shape
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    _document(app, api)
    media.install(app)
    callbacks.install(app)
    letter_pages.install(app)
    confirming.install(app)
    stopping.install(app)
    pages.install(app)
    return app


def _document(app: Flask, api: Api) -> None:
    """The OpenAPI document, made from the schemas, and a page that shows it to people."""

    @app.get("/api/openapi.json")
    @who(ANYBODY)
    def openapi() -> dict[str, Any]:
        document: dict[str, Any] = api.spec.to_dict()
        return document

    @app.get("/api/docs")
    @who(ANYBODY)
    def docs() -> Response:
        from web import reference

        response = Response(reference.page(api.spec.to_dict()), mimetype="text/html")
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'"
        )
        return response

    @app.get("/api/docs.css")
    @who(ANYBODY)
    def docs_css() -> Response:
        from web import reference

        return Response(reference.STYLE, mimetype="text/css")
