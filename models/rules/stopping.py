"""How somebody stops broadcasts from wherever they read them: by a link, signed so that nobody stops another's, or by a word."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from enum import StrEnum

LATELY_DAYS = 30
"""Who was sent a broadcast within so many days means that one by a word to stop; anybody else's is a word like any other."""


class Wish(StrEnum):
    STOP = "stop"
    START = "start"


_STOP = (
    "stop", "stopall", "stop all", "stop promotions", "unsubscribe", "opt out", "optout",
    "stopp", "abmelden", "abbestellen",  # German
    "arret", "desabonner", "desinscrire", "me desabonner",  # French
    "baja", "parar", "cancelar suscripcion", "darme de baja",  # Spanish
    "sair", "descadastrar", "cancelar inscricao",  # Portuguese
    "disiscrivi", "disiscrivimi", "annulla iscrizione",  # Italian
    "afmelden", "uitschrijven",  # Dutch
    "avsluta", "avregistrera", "afmeld", "avmeld",  # Swedish, Danish, Norwegian
    "wypisz", "rezygnuje",  # Polish
    "стоп", "отписаться", "отписка", "відписатися",  # Russian, Ukrainian
    "iptal", "dur",  # Turkish
    "停止", "退订", "退訂", "配信停止", "수신거부",  # Chinese, Japanese, Korean
    "إيقاف", "الغاء الاشتراك", "הסר",  # Arabic, Hebrew
)  # fmt: skip
_START = ("start", "unstop", "subscribe", "resubscribe")
"""The way back is named in the answer to a stop, so it needs no more words than that."""

_NO_WORD = re.compile(r"[^\w\s]+")
_SIGNATURE = re.compile(r"^--\s*$", re.MULTILINE)
_LONGEST = 60


def wish(said: str) -> Wish | None:
    """What somebody wants who says this word and nothing else. Case, accents and punctuation do not count, nor what
    stands below a mail's signature mark.
    """
    words = _plain(_SIGNATURE.split(said, maxsplit=1)[0][: _LONGEST + 1])
    return _MEANT.get(words) if len(words) <= _LONGEST else None


def _plain(said: str) -> str:
    bare = "".join(each for each in unicodedata.normalize("NFKD", said.casefold()) if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", " ".join(_NO_WORD.sub(" ", bare).split()))


_MEANT = {_plain(word): each for each, words in ((Wish.STOP, _STOP), (Wish.START, _START)) for word in words}


def address(public_url: str, key: str, customer_id: int) -> str:
    """Where they stop broadcasts. Of nobody (0), for an example: no customer has that number."""
    return f"{public_url}/stop/{token(key, customer_id)}"


def token(key: str, customer_id: int) -> str:
    """Names one customer, and proves that we made it."""
    mark = hmac.new(key.encode(), f"stop broadcasts {customer_id}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{customer_id}-{mark}"


def customer_of(key: str, said: str) -> int | None:
    """Whose it is; None for one that we did not make."""
    number = said.partition("-")[0]
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 19):
        return None
    return int(number) if hmac.compare_digest(said.encode(), token(key, int(number)).encode()) else None
