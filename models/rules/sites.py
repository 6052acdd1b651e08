"""Websites that may show the chat. What somebody types or pastes becomes an origin, as browsers name it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from models.errors import Invalid
from models.rules.outbound import read_host

MOST = 50
"""A chat's frame names all of its sites in one header."""

_USUAL_PORTS = {"https": 443, "http": 80}


def origins(typed: Sequence[str]) -> list[str]:
    """Each site once, in the order given. Raises `Invalid` that says under `sites` which cannot be read, and why."""
    found: dict[str, None] = {}
    for each in typed:
        try:
            found[origin(each)] = None
        except ValueError as fault:
            raise Invalid(str(fault), code="bad_site", fields={"sites": [f"{each.strip()}: {fault}"]}) from None
    return list(found)


def origin(typed: str) -> str:
    """`https://shop.example` of any of its addresses; without a scheme it is https. Raises `ValueError` with a sentence."""
    typed = typed.strip()
    if "*" in typed:
        raise ValueError("Name each website by itself, without an asterisk.")
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        port = parts.port
    except ValueError:
        raise ValueError("This is no address of a website.") from None
    if parts.scheme not in _USUAL_PORTS:
        raise ValueError("The address of a website begins with https:// or http://.")
    if "@" in parts.netloc:
        raise ValueError("No user name or password in the address.")
    try:
        host = read_host(parts.hostname or "", bracketed="[" in parts.netloc)
    except Invalid:
        raise ValueError("This is no address of a website.") from None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, _USUAL_PORTS[parts.scheme]) else f":{port}")
