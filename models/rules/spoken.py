"""What customers send that is neither words nor a file, as words that an agent can read."""

from __future__ import annotations


def location(latitude: float, longitude: float, name: str = "", address: str = "") -> str:
    """A place, with a link to a map that needs no key."""
    called = ", ".join(each for each in (name.strip(), address.strip()) if each)
    where = (
        f"https://www.openstreetmap.org/?mlat={latitude:.6f}&mlon={longitude:.6f}#map=17/{latitude:.6f}/{longitude:.6f}"
    )
    return f"📍 {called}\n{where}" if called else f"📍 {where}"


def sticker(emoji: str = "") -> str:
    return f"{emoji} (sticker)".strip()


def contact(name: str, phone: str = "", email: str = "") -> str:
    return "👤 " + ", ".join(each for each in (name.strip(), phone.strip(), email.strip()) if each)


def poll(question: str) -> str:
    return f"📊 {question}"


def unsupported(what: str) -> str:
    return f"(Sent something that cannot be shown here: {what}.)"


def not_taken(name: str, why: str) -> str:
    """What an agent reads in the place of a file that was not taken."""
    return f"📎 {name} — not taken: {why}"


def please_smaller(name: str, why: str) -> str:
    """What a customer is told of it."""
    return f"We could not take {name}: {why} Please send it in another form."
