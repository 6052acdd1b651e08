"""Words that want to be more than words. Each must be shown as it was written, and do nothing."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator

EVIL = "https://evil.example/x"  # nobody may ever be asked for anything there

PAYLOADS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(2)</scr</script>ipt>",
    "</script><script>alert(3)</script>",
    "</textarea><script>alert(4)</script>",
    "</title><script>alert(5)</script>",
    "--><script>alert(6)</script><!--",
    "<img src=x onerror=alert(7)>",
    "<img src=https://evil.example/x.png>",
    "<img src=`x`onerror=alert(8)>",
    '<IMG """><SCRIPT>alert(9)</SCRIPT>">',
    "<image/src/onerror=prompt(10)>",
    "<svg onload=alert(11)>",
    "<svg><script>alert(12)</script></svg>",
    "<svg><animate onbegin=alert(13) attributeName=x dur=1s>",
    "<svg><use href=https://evil.example/x.svg#a></use></svg>",
    "<svg><a xlink:href=javascript:alert(14)><text y=20>press</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(15)>",
    "<iframe src=javascript:alert(16)></iframe>",
    "<iframe srcdoc='<script>alert(17)</script>'></iframe>",
    "<object data=javascript:alert(18)></object>",
    "<embed src=https://evil.example/x.swf>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/x'>",
    "<form action=https://evil.example/x><button>press</button></form>",
    "<input autofocus onfocus=alert(19)>",
    "<details open ontoggle=alert(20)>",
    "<video><source onerror=alert(21)></video>",
    "<body onload=alert(22)>",
    "<marquee onstart=alert(23)>",
    "<div style=background:url(https://evil.example/x)>",
    "<a href=javascript:alert(24)>press</a>",
    "javascript:alert(25)",
    "[press](javascript:alert(26))",
    "![x](https://evil.example/x.png)",
    "data:text/html,<script>alert(27)</script>",
    "'-alert(28)-'",
    '";alert(29);//',
    "${alert(30)}",
    "{{constructor.constructor('alert(31)')()}}",
    "&lt;script&gt;alert(32)&lt;/script&gt;",
    "\\u003cscript\\u003ealert(33)\\u003c/script\\u003e",
)

# Whatever of them runs is heard.
TRAPS = """
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => console.error('a payload ran')
"""


def shows_all(place: Locator, words: list[str]) -> None:
    """Every one of them stands there, letter by letter, and none has become anything else.

    But for backticks: between two of them words are set as code.
    """
    shown = (place.text_content() or "").replace("`", "")
    missing = [each for each in words if each.replace("`", "") not in shown]
    assert not missing, missing
    is_clean(place)


def is_clean(place: Locator) -> None:
    """No element that a payload would have made, no handler, and no link that runs something."""
    planted = "script, iframe, object, embed, img, image, video, base, meta, link, style, form[action], marquee, math"
    running: Any = place.evaluate(
        """(place, planted) => [...place.querySelectorAll('*')]
          .filter(each => each.matches(planted)
            || [...each.attributes].some(({ name, value }) => name.startsWith('on') || /^\\s*javascript:/i.test(value)))
          .map(each => each.outerHTML.slice(0, 200))""",
        planted,
    )
    assert running == []
