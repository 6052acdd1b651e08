"""Texts that a provider has approved, with gaps in them: what stands in each, and what it says when they are filled.

A channel tells of its templates in these words, whatever its provider calls things. Where a template needs something
that cannot be typed into a field, `unusable` says what, and it is listed without a way to send it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from models.errors import Conflict, Invalid

Place = Literal["header", "body", "button"]
State = Literal["approved", "pending", "rejected", "paused", "disabled"]
STATES: tuple[State, ...] = get_args(State)

GAP = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
VALUE_MOST = 1_024
"""Characters of what is typed into one gap."""

_UNTIDY = re.compile(r"[\n\r\t]| {5,}")
"""What providers refuse inside a gap: it would break the text that they approved."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One variable. `button`: which of the buttons it stands in, counted from 0."""

    name: str
    place: Place = "body"
    example: str = ""
    button: int | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """One text in one language. `most`: characters that each place may have once it is filled.

    `state`: what its provider thinks of it. One that is approved can be `unusable` all the same.
    """

    name: str
    language: str
    category: str = ""
    header: str = ""
    body: str = ""
    footer: str = ""
    buttons: Sequence[str] = ()
    gaps: Sequence[Gap] = ()
    most: Mapping[str, int] = field(default_factory=dict)
    unusable: str = ""
    state: State = "approved"


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its gaps filled, in the order of its gaps. `text`: what is read in the transcript."""

    template: Template
    values: Sequence[str]
    text: str

    @property
    def kept(self) -> dict[str, Any]:
        """What is stored with a message, and enough to send it whatever becomes of the list."""
        return {
            "name": self.template.name,
            "language": self.template.language,
            "values": [
                {"name": gap.name, "place": gap.place, "button": gap.button, "text": value}
                for gap, value in zip(self.template.gaps, self.values, strict=True)
            ],
        }


def stored(template: Template) -> dict[str, Any]:
    """As it is kept among a channel's notes."""
    return asdict(template)


def parse(kept: Mapping[str, Any]) -> Template:
    """The same, read again."""
    return Template(**{**kept, "gaps": [Gap(**each) for each in kept["gaps"]]})


def withheld(
    kept: Iterable[Mapping[str, Any]], name: str, language: str, state: State, unusable: str
) -> list[dict[str, Any]]:
    """What is kept of a channel's templates, one of them not to be sent from now on.

    Providers do not always write a language the same way: `pt-BR` is `pt_BR`.
    """
    return [
        stored(replace(each, state=state, unusable=unusable))
        if each.name == name and _language(each.language) == _language(language)
        else stored(each)
        for each in map(parse, kept)
    ]


def _language(code: str) -> str:
    return code.replace("-", "_").lower()


def gaps_in(text: str) -> list[str]:
    """The names of the gaps in a text, each once, in their order."""
    return list(dict.fromkeys(GAP.findall(text)))


def fill(template: Template, values: Sequence[str]) -> Filled:
    """Put words into the gaps, one for each and in their order.

    Raises `Conflict` (`template_unusable`), and `Invalid`: `template_variables` (with `expected`) for another number of
    them, `template_variable` (with `at`: which, from 0) for one that is empty, untidy or too long.
    """
    if template.unusable:
        raise Conflict(template.unusable, code="template_unusable")
    if len(values) != len(template.gaps):
        raise Invalid(
            f"This template has {len(template.gaps)} variables.",
            code="template_variables",
            expected=len(template.gaps),
        )
    for at, (gap, value) in enumerate(zip(template.gaps, values, strict=True)):
        if (wrong := _objection(value)) is not None:
            raise Invalid(f"{gap.name}: {wrong}", code="template_variable", at=at)
    for place in ("header", "body"):
        most = template.most.get(place)
        said = _said(template, place, values)
        if most is not None and len(said) > most:
            at = next(at for at, gap in enumerate(template.gaps) if gap.place == place)
            raise Invalid(
                f"Filled in, the {place} has {len(said)} characters; at most {most} go.",
                code="template_variable",
                at=at,
            )
    return Filled(template, list(values), text_of(template, values))


def _objection(value: str) -> str | None:
    if not value.strip():
        return "fill this in."
    if _UNTIDY.search(value):
        return "line breaks, tabs and more than four spaces in a row are not taken in a template."
    return f"at most {VALUE_MOST} characters." if len(value) > VALUE_MOST else None


def _said(template: Template, place: str, values: Sequence[str]) -> str:
    words = {gap.name: value for gap, value in zip(template.gaps, values, strict=True) if gap.place == place}
    text = template.header if place == "header" else template.body
    return GAP.sub(lambda found: words.get(found.group(1), found.group()), text)


def text_of(template: Template, values: Sequence[str]) -> str:
    """Header, body and footer as they are read, a line apart."""
    parts = (_said(template, "header", values), _said(template, "body", values), template.footer)
    return "\n\n".join(each for each in parts if each)
