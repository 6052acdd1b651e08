"""The front's own code inside a test's process: its address table, its events, its document.

Serving is for real processes (`tests/support/processes.py`). Importing the front patches
the standard library in the modes that do so; here it is imported in the one that does not.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from flask import Flask

    from web.sockets.gate import Handled


@cache
def application() -> Flask:
    """The Flask application as `python -m web` makes it, without sockets."""
    with mock.patch.dict(os.environ, ASYNC_MODE="threading"):
        from models.settings import settings
        from web.app import create_app

        return create_app(settings())


def events() -> dict[str, dict[str, Handled]]:
    """What each namespace takes, by the names of its events."""
    application()
    from models.live import CONSOLE, VISITOR
    from web.sockets import console, visitor

    nobody: Any = None  # the tables only name whom they would call
    return {CONSOLE: console.table(nobody, nobody), VISITOR: visitor.table(nobody)}


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    answer = application().view_functions["openapi"]()
    found: dict[str, Any] = answer
    return found
