"""The HTML of a mail: made harmless, and made readable. Nothing in it is ever loaded from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

MOST = 1_000_000
"""Characters of HTML that are looked at; what is below them is left out."""

TAGS = frozenset(
    "a b blockquote br code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub sup"
    " table tbody td tfoot th thead tr u ul".split()
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_HOLLOW = {"script", "style", "title", "head", "noscript", "template", "svg", "math", "object", "iframe", "textarea"}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_BLANK_LINES = re.compile(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+")
_CONFIG = ParserConfig(css=STRICT_CSS_PROFILE, display_images=False, display_links=False, display_anchors=False)


@dataclass(frozen=True, slots=True)
class Cleaned:
    html: str
    remote_images: int
    """How many pictures would have been loaded from elsewhere, and are not."""


def clean(html: str) -> Cleaned:
    """Keep what a text is made of. Pictures stay where they came with the mail (`cid:`)."""
    remote = 0

    def kept(tag: str, attribute: str, value: str) -> str | None:
        nonlocal remote
        if tag == "img" and attribute == "src":
            if value.lower().startswith("cid:"):
                return value
            remote += 1
            return None
        return value

    cleaned = nh3.clean(
        html[:MOST].replace("\0", ""),
        tags=set(TAGS),
        clean_content_tags=_HOLLOW,
        attributes=_ATTRIBUTES,
        attribute_filter=kept,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Cleaned(cleaned, remote)


def text(html: str) -> str:
    """Sanitised HTML as lines of text."""
    if not html.strip():
        return ""
    try:
        found = get_text(html, _CONFIG)
    except (LxmlError, ValueError, RecursionError):
        found = re.sub(r"<[^>]{0,2000}>", " ", html)
    lines = (line.rstrip() for line in found.replace("\u00a0", " ").splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
