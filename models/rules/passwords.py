"""Which passwords are good enough: long, not everybody's, and not one's own name.

Length does most of the work, so there is no rule about digits or signs. A word that everybody
uses does not get better by a year and an exclamation mark behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from models.errors import Invalid

LEAST = 12
"""Too long to be found by trying, short enough to be typed."""

MOST = 1024
"""Room for any sentence; a bound, because hashing takes time in proportion."""

_WORDS = """
password passwort passw0rd p@ssword p@ssw0rd passwordpassword passphrase letmein letmeinplease welcome welcomeback
qwerty qwertyuiop qwertyuiopasdf qwertyuiop[] qwertz qwertzuiop azerty azertyuiop asdfghjkl asdfghjkl;' zxcvbnm
1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv q1w2e3r4t5y6 1234qwerasdf abcd abcdef abcdefgh abcdefghijkl abc
iloveyou iloveyouso sunshine princess football baseball basketball superman batman starwars pokemon
monkey dragon master shadow michael jordan charlie computer internet trustno trustnoone whatever
admin administrator root superuser supervisor changeme changemenow changeit default secret topsecret
test tester testing testtest guest user username login support helpdesk livechat customerservice
company office summer winter spring autumn january february march april june july august september october
november december monday friday parley
"""
COMMON = frozenset(_WORDS.split())

_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_RUNS = ("01234567890123456789", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz")

_CONSONANTS, _VOWELS = "bdfgklmnprstvwz", "aeiou"
_WORD = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)


def check_new(password: str, *, email: str = "", name: str = "") -> None:
    """Refuse a new password that others would guess; passing in silence means it is good."""
    if len(password) < LEAST:
        raise Invalid(f"Use at least {LEAST} characters.", code="password_too_short", least=LEAST)
    if len(password) > MOST:
        raise Invalid(f"Use at most {MOST} characters.", code="password_too_long", most=MOST)
    if _guessable(password):
        raise Invalid("Too many people use this password.", code="password_common")
    if _core(password) in _personal(email, name) or _joined(password) in _personal(email, name):
        raise Invalid("Do not use your name or e-mail address.", code="password_personal")


def _guessable(password: str) -> bool:
    plain = password.casefold()
    return (
        plain in COMMON
        or _core(plain) in COMMON
        or any(plain in run for run in _RUNS)
        or _repeats(plain)
    )  # fmt: skip


def _repeats(text: str) -> bool:
    """Whether the whole is one short piece of at most four characters again and again."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5))


def _core(text: str) -> str:
    """Return the word inside, without the digits and signs people put around it."""
    return _EDGES.sub("", text.casefold())


def _joined(text: str) -> str:
    """Return the letters and digits alone, so that dots and blanks hide nothing."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _personal(email: str, name: str) -> set[str]:
    """Collect what a person is called: the address, its halves and their pieces, the name and its words."""
    local, _, domain = email.casefold().partition("@")
    texts = [email, local, domain, *domain.split("."), name, *re.split(r"[\W_]+", f"{local} {domain} {name}")]
    return {form for text in texts for form in (_core(text), _joined(text)) if form}


def generate(choose: Callable[[str], str]) -> str:
    """Make four words that mean nothing, some 64 bits with `secrets.choice`: easy to read off a screen and to type."""
    return "-".join("".join(choose(letters) for letters in _WORD) for _ in range(4))
