"""What counts as a failure of the bot, and which of them nobody needs to repair. Pure.

Every failed turn is kept. Greetings, thanks, mere numbers and the like are kept as
well, but marked: they would form the largest clusters and teach nobody anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal, get_args

from models.rules import small_talk

Trigger = Literal[
    "low_confidence",  # nothing came near enough
    "no_knowledge",  # the bot knows nothing at all
    "clarification_refused",  # "None of these" under a question back
    "thumbs_down",  # the customer says that the answer was no help
    "asked_again",  # the same question in other words, within two turns of an answer
    "person_after_answer",  # an answer, and the next thing was a wish for a person
    "bot_failed",  # it tried as often as it may
    "bot_silent",  # it took longer than it may
]
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)

Noise = Literal["empty", "too_short", "too_long", "greeting", "thanks", "small_talk", "personal_data", "spam"]
NOISES: tuple[Noise, ...] = get_args(Noise)

SAME_QUESTION = 0.70  # likeness of two questions of one customer, in one chat, from which the second repeats the first
TURNS_LOOKED_BACK = 2

LONGEST = 1_500  # characters; the model reads some 1,000 of them, and nobody asks one thing at such length
FEWEST_LETTERS = 3
FEWEST_IDEOGRAPHS = 2  # one of them is a word, but seldom a question
FEW_WORDS = 3  # so many beside a link make it a question

# What people say first and last, in the languages of a few billion of them; English is read by `small_talk`.
_GREETINGS = frozenset(
    "hola|hola buenas|buenos dias|buenos días|buenas tardes|bonjour|salut|bonsoir|hallo|guten tag|guten morgen|moin|servus|ciao"
    "|salve|buongiorno|olá|ola|oi|bom dia|boa tarde|hoi|goedendag|hej|hejsan|hei|moi|cześć|dzień dobry|ahoj|dobrý den|szia"
    "|bună|zdravo|здравствуйте|привет|добрый день|вітаю|привіт|γεια|γεια σας|merhaba|selam|שלום|مرحبا|السلام عليكم|سلام"
    "|नमस्ते|হ্যালো|வணக்கம்|สวัสดี|xin chào|halo|selamat pagi|kamusta|jambo|habari|你好|您好|こんにちは|もしもし|안녕하세요|안녕".split(
        "|"
    )
)
_THANKS = frozenset(
    "gracias|muchas gracias|merci|merci beaucoup|danke|vielen dank|danke schön|grazie|grazie mille|obrigado|obrigada|bedankt"
    "|dank je|tack|takk|tak|kiitos|dziękuję|děkuji|köszönöm|mulțumesc|hvala|спасибо|большое спасибо|дякую|ευχαριστώ|teşekkürler"
    "|תודה|شكرا|ممنون|धन्यवाद|ধন্যবাদ|நன்றி|ขอบคุณ|cảm ơn|terima kasih|salamat|asante|谢谢|謝謝|ありがとう"
    "|ありがとうございます|감사합니다".split("|")
)

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_NUMBER = re.compile(r"\+?\d(?:[\d ()./-]{2,22})\d")  # telephone, order, card: four digits and more, however parted
_LONG_RUN = re.compile(r"(.)\1{9,}")
_MOST_READ = 10_000


def normalize(text: str) -> str:
    """What two ways to type the same have in common; whose address or number it is does not matter."""
    text = unicodedata.normalize("NFKC", text[:_MOST_READ]).casefold().replace("’", "'")
    text = _LINK.sub(" link ", text)
    text = _EMAIL.sub(" address ", text)
    text = _NUMBER.sub(" number ", text)
    return " ".join("".join(_kept(character) for character in text).split()).strip("'")


def noise(text: str) -> Noise | None:
    """Why this failure is nobody's work; None for a question."""
    plain = normalize(text)
    letters = [character for character in plain if character.isalpha()]
    if not letters and not any(character.isdigit() for character in plain):
        return "empty"
    if len(text) > LONGEST:
        return "too_long"
    words = plain.split()
    if kind := _pleasantry(text, plain):
        return kind
    if _spam(text, words):
        return "spam"
    if all(word in ("address", "number") or word.isdigit() for word in words):
        return "personal_data"
    fewest = FEWEST_IDEOGRAPHS if any(map(_ideograph, letters)) else FEWEST_LETTERS
    return "too_short" if len(letters) < fewest else None


def _pleasantry(text: str, plain: str) -> Noise | None:
    if plain in _GREETINGS:
        return "greeting"
    if plain in _THANKS:
        return "thanks"
    match small_talk.kind_of(text):
        case "greeting":
            return "greeting"
        case "thanks":
            return "thanks"
        case None:
            return None
    return "small_talk"


def _spam(text: str, words: Sequence[str]) -> bool:
    """Links with hardly a word beside them, one key held down, or one word over and over."""
    links = len(_LINK.findall(text[:_MOST_READ]))
    beside = sum(1 for word in words if word != "link")
    if links and beside < FEW_WORDS * links:
        return True
    if _LONG_RUN.search("".join(words)):
        return True
    [(_, most)] = Counter(words).most_common(1)
    return len(words) >= 6 and most > len(words) * 0.6


def _kept(character: str) -> str:
    """Letters, digits, signs that belong to letters, and pictures; all else parts words."""
    if character == "'":
        return character
    if unicodedata.category(character)[0] in "PCZ":
        return " " if character not in "\u200c\u200d" else ""  # joiners are part of a word, or of a picture
    return character


def _ideograph(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"


_SCRIPTS = {  # a script's usual language, and those that are written in it
    "HANGUL": ("ko", ("ko",)),
    "HIRAGANA": ("ja", ("ja",)),
    "KATAKANA": ("ja", ("ja",)),
    "CJK": ("zh", ("zh", "ja", "ko", "yue")),
    "CYRILLIC": ("ru", ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg")),
    "ARABIC": ("ar", ("ar", "fa", "ur", "ps", "ug")),
    "HEBREW": ("he", ("he", "yi")),
    "GREEK": ("el", ("el",)),
    "DEVANAGARI": ("hi", ("hi", "mr", "ne", "sa")),
    "BENGALI": ("bn", ("bn", "as")),
    "TAMIL": ("ta", ("ta",)),
    "TELUGU": ("te", ("te",)),
    "THAI": ("th", ("th",)),
    "GEORGIAN": ("ka", ("ka",)),
    "ARMENIAN": ("hy", ("hy",)),
    "ETHIOPIC": ("am", ("am", "ti")),
}


def language(text: str, browser: str | None) -> str | None:
    """The language of a question: as the browser says, unless the script says otherwise. Two or three letters."""
    said = (browser or "").split("-")[0].split("_")[0].lower() or None
    names = Counter(
        unicodedata.name(character, "").split(" ")[0].split("-")[0] for character in text[:200] if character.isalpha()
    )
    if names["HIRAGANA"] or names["KATAKANA"]:
        return "ja"
    script = names.most_common(1)[0][0] if names else ""
    if script not in _SCRIPTS:
        return said
    usual, written = _SCRIPTS[script]
    return said if said in written else usual


_HARDLY_AN_ANSWER = re.compile(
    r"(?:hi|hello|hey|good \w+|thanks|thank you|you're welcome|one moment|just a moment|let me (?:see|check|look)|sure|ok|okay|bye)\b"
)
SUBSTANTIAL_WORDS = 6
ANSWERS_KEPT = 3  # the first few things a person says of it; what comes later is another matter


def answers(text: str) -> bool:
    """Whether an agent's message can be what answered the question: more than a greeting or "one moment"."""
    plain = normalize(text)
    words = plain.split()
    ideographs = sum(map(_ideograph, plain))
    if _HARDLY_AN_ANSWER.match(plain):
        return len(words) >= 2 * SUBSTANTIAL_WORDS
    return len(words) >= SUBSTANTIAL_WORDS or ideographs >= 2 * SUBSTANTIAL_WORDS
