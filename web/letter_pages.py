"""The pages that links in letters lead to, read by people who have never seen the desk.

Made here and without a script; their words stand in `models/rules/letter_words.py`. Looking at one changes nothing, so that
a scanner of mail that follows every link does no harm; pressing its button does. Which pages: `confirming.py`, `stopping.py`.
"""

from __future__ import annotations

from flask import Flask, Response, render_template, request
from markupsafe import Markup, escape

from models.rules.letter_words import LANGUAGE, Page
from web.auth import ANYBODY, who
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
    @app.get("/letter.css")
    @who(ANYBODY)
    def letter_style() -> Response:
        return Response(STYLE, mimetype="text/css", headers={"Cache-Control": "public, max-age=300"})


def page(shown: Page, *, desk: str, address: str = "", way: str = "", status: int = 200) -> Response:
    """A page, to be read by whoever has the link and by nobody who was told of it on the way. Its button posts to where it is."""
    said = {"desk": desk, "way": way, "address": Markup("<strong>{}</strong>").format(address)}
    written = render_template(
        "letter.html",
        language=LANGUAGE,
        shown=shown,
        desk=desk,
        lines=[escape(line).format(**said) for line in shown.lines],
        action=request.path,
    )
    answer = Response(written, status=status, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = (
        f"{API_CSP}; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
