"""WhatsApp's approved templates: what Meta says of each, put into the desk's own words, and one on its way out.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.channels.incoming import Judged
from models.channels.outgoing import Template
from models.rules import templates
from models.rules.templates import Gap, State

Json = Mapping[str, Any]

FIELDS = "name,language,status,rejected_reason,category,parameter_format,components"
MOST = {"header": 60, "body": 1024, "button": 2000}

_STATES: Mapping[str, tuple[State, str]] = {
    "APPROVED": ("approved", ""),
    "PENDING": ("pending", "WhatsApp has not approved it yet."),
    "IN_APPEAL": ("pending", "WhatsApp has not approved it yet."),
    "REJECTED": ("rejected", "WhatsApp has rejected it."),
    "PAUSED": ("paused", "WhatsApp has paused it, because many customers did not want it."),
    "DISABLED": ("disabled", "WhatsApp has switched it off."),
    "PENDING_DELETION": ("disabled", "It is being deleted at WhatsApp."),
    "DELETED": ("disabled", "It was deleted at WhatsApp."),
    "ARCHIVED": ("disabled", "It was archived at WhatsApp."),
}
_REJECTED_FOR = {
    "ABUSIVE_CONTENT": "its words are abusive",
    "CATEGORY_NOT_AVAILABLE": "this business may not use its category",
    "INCORRECT_CATEGORY": "it is in the wrong category",
    "INVALID_FORMAT": "its form is not right",
    "PROMOTIONAL": "it advertises",
    "SCAM": "it looks like a fraud",
    "TAG_CONTENT_MISMATCH": "its words do not fit its language or category",
}
_TAKES_AWAY = ("REJECTED", "PAUSED", "DISABLED", "DELETED", "PENDING_DELETION", "ARCHIVED")
_HEADERS = {"IMAGE": "a picture", "VIDEO": "a video", "DOCUMENT": "a document", "LOCATION": "a place"}
_PLAIN_BUTTONS = ("QUICK_REPLY", "PHONE_NUMBER", "URL", "VOICE_CALL")


def read(listed: Sequence[Json]) -> list[dict[str, Any]]:
    """Meta's list as it is kept among the channel's notes, by name; those that cannot be sent at the end."""
    found = [_template(each) for each in listed]
    found.sort(key=lambda each: (bool(each.unusable), each.name, each.language))
    return [templates.stored(each) for each in found]


def judged(said: Json) -> Judged:
    """What Meta tells of a template: another status, other words, another category. Only what takes it away holds at once;
    the rest is left to the list, where it stands whether it can be sent from here."""
    name, language = str(said["message_template_name"]), str(said["message_template_language"])
    event = str(said.get("event", "")).upper()
    if event not in _TAKES_AWAY:
        return Judged(name, language)
    state, unusable = _judgement(event, str(said.get("reason") or ""))
    return Judged(name, language, state, unusable)


def _judgement(status: str, reason: str) -> tuple[State, str]:
    """What Meta thinks of a template, and why it cannot be sent for that."""
    state, unusable = _STATES.get(status, ("disabled", f"WhatsApp says of it: {status.lower().replace('_', ' ')}."))
    if state == "rejected" and reason in _REJECTED_FOR:
        return state, f"WhatsApp has rejected it: {_REJECTED_FOR[reason]}."
    return state, unusable


def _template(said: Json) -> templates.Template:
    parts: dict[str, Json] = {str(each.get("type", "")).upper(): each for each in said.get("components", ())}
    header, body = parts.get("HEADER", {}), parts.get("BODY", {})
    buttons: Sequence[Json] = parts.get("BUTTONS", {}).get("buttons", ())
    header_text = str(header.get("text", "")) if header.get("format", "TEXT") == "TEXT" else ""
    gaps = [
        *(Gap(name, "header", example) for name, example in _named(header_text, header, "header")),
        *(Gap(name, "body", example) for name, example in _named(str(body.get("text", "")), body, "body")),
        *_in_buttons(buttons),
    ]
    state, refused = _judgement(str(said.get("status", "APPROVED")).upper(), str(said.get("rejected_reason") or ""))
    return templates.Template(
        name=str(said["name"]),
        language=str(said["language"]),
        category=str(said.get("category", "")).lower(),
        header=header_text,
        body=str(body.get("text", "")),
        footer=str(parts.get("FOOTER", {}).get("text", "")),
        buttons=[str(each.get("text", "")) for each in buttons],
        gaps=gaps,
        most=MOST,
        unusable=refused or _unfillable(said, parts, header, buttons),
        state=state,
    )


def _named(text: str, part: Json, place: str) -> Iterator[tuple[str, str]]:
    """The gaps of a header or body, each with its example."""
    example = part.get("example", {})
    said = example.get(f"{place}_text", [])
    plain = said[0] if said and isinstance(said[0], list) else said  # a body's stand in a list of their own
    named = {each.get("param_name"): each.get("example", "") for each in example.get(f"{place}_text_named_params", ())}
    for at, name in enumerate(templates.gaps_in(text)):
        yield name, str(named.get(name, plain[at] if at < len(plain) else ""))


def _in_buttons(buttons: Sequence[Json]) -> Iterator[Gap]:
    """An address may end in a gap; a code to copy is one."""
    for at, each in enumerate(buttons):
        example = each.get("example", "")
        shown = str(example[0] if isinstance(example, list) and example else example or "")
        if each.get("type") == "URL" and templates.gaps_in(str(each.get("url", ""))):
            fixed = str(each["url"]).partition("{{")[0]
            yield Gap(templates.gaps_in(str(each["url"]))[0], "button", shown.removeprefix(fixed), at)
        elif each.get("type") == "COPY_CODE":
            yield Gap("code", "button", shown, at)


def _unfillable(said: Json, parts: Mapping[str, Json], header: Json, buttons: Sequence[Json]) -> str:
    """Why a template that WhatsApp has approved cannot be sent from here; empty where it can."""
    if str(said.get("category", "")).upper() == "AUTHENTICATION":
        return "It is for one-time codes, which the desk has none of."
    shape = str(header.get("format", "TEXT")).upper()
    if shape != "TEXT":
        return (
            f"Its header is {_HEADERS.get(shape, 'of a kind that cannot be filled in')}, which cannot be chosen here."
        )
    if odd := set(parts) - {"HEADER", "BODY", "FOOTER", "BUTTONS"}:
        return f"It has a part that cannot be filled in here: {', '.join(sorted(odd)).lower().replace('_', ' ')}."
    for each in buttons:
        if each.get("type") not in (*_PLAIN_BUTTONS, "COPY_CODE"):
            return f"It has a button that cannot be filled in here: {str(each.get('type')).lower().replace('_', ' ')}."
    return "" if parts.get("BODY", {}).get("text") else "It has no text."


def sent(template: Template) -> dict[str, Any]:
    """A template's part of what is sent to Meta."""
    components: list[dict[str, Any]] = []
    for place in ("header", "body"):
        given = [_parameter(each.name, each.text) for each in template.values if each.place == place]
        if given:
            components.append({"type": place, "parameters": given})
    for each in template.values:
        if each.place == "button":
            code = each.name == "code"
            components.append(
                {
                    "type": "button",
                    "sub_type": "copy_code" if code else "url",
                    "index": str(each.button),
                    "parameters": [
                        {"type": "coupon_code", "coupon_code": each.text}
                        if code
                        else {"type": "text", "text": each.text}
                    ],
                }
            )
    return {
        "type": "template",
        "template": {"name": template.name, "language": {"code": template.language}, "components": components},
    }


def _parameter(name: str, text: str) -> dict[str, str]:
    said = {"type": "text", "text": text}
    return said if name.isdigit() else {**said, "parameter_name": name}
