"""The page that a letter's link leads to: is this address yours? Looking changes nothing; pressing the button does.

Made here and without a script, for it is read by people who have never seen the desk.
"""

from __future__ import annotations

from flask import Flask, Response, render_template, request

from models.actions import confirming
from models.actions.visitors import hashed
from models.errors import Conflict, DeskError, NotFound, TooMany
from models.queries import joining as read
from models.queries import letters
from models.rules import wording
from web import limits
from web.auth import ANYBODY, who
from web.errors import STATUS
from web.hooks import API_CSP

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#e2e5e9, #2c3037); --text: light-dark(#1a1e26, #ebedf0);
        --meta: light-dark(#5d6472, #a2a8b3); --page: light-dark(#f6f7f9, #101216); --card: light-dark(#fff, #181b20);
        --press: light-dark(#1e4dc6, #2f5fd8) }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1rem;
       background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif }
main { width: min(30rem, 100%); padding: 1.75rem; border: 1px solid var(--line); border-radius: 14px; background: var(--card) }
.desk { margin: 0 0 1.1rem; color: var(--meta); font-size: 0.9375rem; font-weight: 600 }
h1 { margin: 0 0 0.75rem; font-size: 1.375rem; line-height: 1.3; letter-spacing: -0.015em; overflow-wrap: anywhere }
p { margin: 0 0 0.9rem; overflow-wrap: anywhere } .soft { margin: 0; color: var(--meta); font-size: 0.9375rem }
form { margin: 1.25rem 0 }
button { width: 100%; min-height: 48px; padding: 0 1.25rem; border: 0; border-radius: 10px; background: var(--press);
         color: #fff; font: inherit; font-weight: 600; cursor: pointer }
button:hover { filter: brightness(1.08) }
button:focus-visible { outline: 3px solid var(--press); outline-offset: 3px }
"""


def install(app: Flask) -> None:
    @app.get("/confirm/<token>")
    @who(ANYBODY)
    def ask(token: str) -> Response:
        """What the link is about. Changes nothing, so that whatever follows links in mails does no harm."""
        try:
            limits.count("confirm", limits.client_address())
            found = read.of_link(hashed(token))
            return _page(found["state"], found=found) if found else _page("unknown", 404)
        except TooMany as fault:
            return _page("too_many", STATUS[type(fault)])

    @app.post("/confirm/<token>")
    @who(ANYBODY)
    def confirm(token: str) -> Response:
        """It was them. The link is all there is to it: no cookie speaks for anybody here, so no other site can, either."""
        try:
            limits.count("confirm", limits.client_address())
            confirming.confirms(token)
        except NotFound:
            return _page("unknown", 404)
        except Conflict as fault:
            return _page("expired", STATUS[type(fault)], found=read.of_link(hashed(token)))
        except DeskError as fault:
            return _page("too_many" if isinstance(fault, TooMany) else "unknown", STATUS[type(fault)])
        return _page("confirmed", found=read.of_link(hashed(token)))

    @app.get("/confirm.css")
    @who(ANYBODY)
    def style() -> Response:
        return Response(STYLE, mimetype="text/css", headers={"Cache-Control": "public, max-age=300"})


def _page(state: str, status: int = 200, *, found: dict[str, str] | None = None) -> Response:
    desk = found["desk"] if found else letters.house().name
    way = wording.by_channel(found["kind"]) if found else ""
    address = found["address"] if found else ""
    body = render_template("confirm.html", state=state, desk=desk, way=way, address=address, action=request.path)
    answer = Response(body, status=status, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = f"{API_CSP}; style-src 'self'; form-action 'self'; base-uri 'none'"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
