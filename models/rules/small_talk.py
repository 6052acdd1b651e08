"""What a customer says beside the question: greetings, thanks, yes, no, and the wish for a person.

A whole message must be small talk to count: "hello, where is my parcel" is a
question. The wish for a person counts wherever it stands in a message, because
overlooking it is the rudest thing a bot can do.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from models.rules import bot_says


def _any(*phrases: str) -> str:
    return f"(?:{'|'.join(phrases)})"


def _often(*phrases: str) -> str:
    """Any of these, any number of times, each after a space."""
    return f"(?: {_any(*phrases)})*"


# ------------------------------------------------------------------------------------- a person, please

_SOMEBODY = _any(
    "person", "people", "human", "human being", "agent", "representative", "rep", "advisor", "adviser", "operator",
    "somebody", "someone", "staff", "colleague", "employee", "manager", "supervisor", "support", "support team",
    "customer service", "customer support", "customer care",
)  # fmt: skip
_SOMEBODY_PLAINLY = _any("person", "human", "human being", "agent", "representative", "operator")
_THE = r"(?:(?:a|an|any|the|your|some|one|another) )?(?:of your )?(?:(?:real|actual|live|human|proper|support) )*"
_TO = _any("to", "with", "through to", "over to", "in touch with", "hold of")
_REACH = _any(
    "talk", "speak", "chat", "connect", "transfer", "pass", "put", "hand", "switch", "escalate", "write", "get"
)
_WANT = _any("get", "give", "send", "find", "fetch", "bring", "want", "need", "prefer", "like", "wanna have")

_WISHES = [
    rf"\b{_REACH}{_often('me', 'us', 'this', 'it', 'on', 'straight', 'directly')} {_TO} {_THE}{_SOMEBODY}\b",
    rf"\b{_WANT}(?: me| us)? {_THE}{_SOMEBODY_PLAINLY}\b(?! (?:who|that))",
    r"\b(?:talking|speaking|chatting|talk|speak|chat) (?:to|with) (?:a |an |the |this )?(?:bot|robot|machine|computer)\b",
    r"\b(?:is|are) there (?:any |a |an )?(?:real |live )*(?:humans?|person|people|agents?)\b",
    r"\bcan (?:someone|somebody|anyone|an agent|a person) (?:call|phone|ring|contact|talk to|speak to|speak with) me\b",
    r"\b(?:call|ring|phone) me(?: back)?(?: please)?$",
    r"\bnot a (?:bot|robot|machine|computer)\b",
    rf"^(?:please )?{_THE}(?:{_SOMEBODY_PLAINLY}|live chat|customer (?:service|support|care)|support)(?: please| now| help)*$",
]
_WISH = re.compile("|".join(_WISHES))

# --------------------------------------------------------------------------------------------- small talk

_FILLER = (
    "there",
    "all",
    "everyone",
    "team",
    "bot",
    "again",
    "so much",
    "a lot",
    "very much",
    "please",
    "you",
    "for now",
)
_HELLO = _any("hi+", "hello+", "hey+", "hiya", "howdy", "yo", "greetings", "good (?:morning|afternoon|evening|day)")
_THANKS = _any(
    "(?:no |many )?thanks", "(?:no )?thank (?:you|u)", "thx", "ty", "cheers", "much appreciated", "appreciate it"
)
_FINE = _any(
    "great", "perfect", "awesome", "nice", "cool", "super", "lovely", "excellent", "wonderful", "brilliant", "amazing",
    "ok", "okay", "got it", "understood", "i see", "sounds good", "good to know", "all good", "no problem", "very helpful",
    "that(?:'s| is) (?:all|it|great|perfect|everything|helpful)", "that (?:helps|helped|worked|works|solved it)",
    "that answers (?:it|my question)", "problem solved",
)  # fmt: skip
_FOR_IT = r"for (?:your|the|all your) (?:help|time|answer|patience)"
_BYE = _any(
    "bye+",
    "bye bye",
    "goodbye",
    "see (?:you|ya)",
    "take care",
    "have a (?:nice|good|great) (?:day|one|evening|weekend)",
)
_HOW = _any("how are (?:you|things)", "how(?:'s| is) it going", "what's up", "sup")
_MACHINE = _any(
    "bot", "robot", "chatbot", "machine", "computer", "ai", "real", "human", "person", "real person", "real human"
)
_WHO = _any(
    rf"(?:are you|is this|am i (?:talking|speaking|chatting) (?:to|with)) (?:an? )?{_MACHINE}(?: or (?:an? )?{_MACHINE})?",
    "(?:who|what) are you",
)
_HELP = _any(
    "(?:can|could|would) (?:you|someone|somebody|anyone) help(?: me)?", "help(?: me)?", "quick question",
    "(?:i )?(?:need|want)(?: some| your)? help", "i have (?:a|an|one|another|some) (?:question|problem|issue|query)s?",
    "(?:can|may) i ask (?:you )?(?:a question|something)",
)  # fmt: skip

Kind = Literal["greeting", "how_are_you", "thanks", "goodbye", "who_are_you", "say_more"]

_SMALL_TALK: list[tuple[re.Pattern[str], Kind]] = [
    (re.compile(_HELLO + _often(_HELLO, *_FILLER)), "greeting"),
    (re.compile(f"(?:{_HELLO}{_often(*_FILLER)} )?{_HOW}{_often('today', 'doing')}"), "how_are_you"),
    (re.compile(_any(_THANKS, _FINE) + _often(_THANKS, _FINE, _FOR_IT, *_FILLER)), "thanks"),
    (
        re.compile(f"(?:{_any(_THANKS, _FINE)}{_often(_FOR_IT, *_FILLER)} )*{_BYE}{_often(_THANKS, *_FILLER)}"),
        "goodbye",
    ),
    (re.compile(_WHO), "who_are_you"),
    (re.compile(f"(?:{_HELLO}{_often(*_FILLER)} )?{_HELP}(?: please)?"), "say_more"),
]
_REPLIES: dict[Kind, str] = {
    "greeting": bot_says.GREETING,
    "how_are_you": bot_says.HOW_ARE_YOU,
    "thanks": bot_says.YOU_ARE_WELCOME,
    "goodbye": bot_says.GOODBYE,
    "who_are_you": bot_says.WHO_ARE_YOU,
    "say_more": bot_says.SAY_MORE,
}

_YES = re.compile(
    _any("yes", "yep", "yeah", "yup", "sure", "exactly", "correct", "right", "indeed", "of course")
    + _often("please", "that one", "exactly")
)
_NO = re.compile(
    _any(
        "no+", "nope", "nah", "neither", "none(?: of (?:these|those|them))?", "not really", "wrong(?: answer)?", "something else",
        "(?:no )?that(?:'s| is| was) (?:wrong|not (?:it|right|helpful|what i (?:meant|asked|asked for|need|want)))",
        "(?:that |this |it )?(?:didn't|did not|doesn't|does not) (?:help|work|answer (?:it|my question))(?: me)?",
        "not (?:helpful|what i (?:meant|asked|asked for|need|want))",
        "you (?:don't|do not|didn't|did not) understand(?: me)?",
    )
)  # fmt: skip

_NOT_A_WORD = re.compile(r"[^\w\s']+")
LONGEST = 80  # characters: small talk is short, and a long text must not keep the patterns busy


def plain(text: str) -> str:
    """Lower case, straight apostrophes, no punctuation, single spaces: two ways to type it become one."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return " ".join(_NOT_A_WORD.sub(" ", text).split())


def wants_person(text: str) -> bool:
    words = plain(text)
    return words == plain(bot_says.TALK_TO_A_PERSON) or _WISH.search(words) is not None


def settles(text: str) -> bool:
    """The quick reply that says the answer helped, tapped or typed."""
    return plain(text) == plain(bot_says.THAT_HELPED)


def kind_of(text: str) -> Kind | None:
    """Which small talk a message is and nothing else; None for anything with a question in it."""
    words = plain(text)
    if not words or len(words) > LONGEST:
        return None
    return next((kind for pattern, kind in _SMALL_TALK if pattern.fullmatch(words)), None)


def reply_to(text: str) -> str | None:
    """What to say to a message that is nothing but small talk; None for anything with a question in it."""
    if not plain(text):
        return bot_says.SAY_MORE
    kind = kind_of(text)
    return _REPLIES[kind] if kind else None


def affirms(text: str) -> bool:
    return _YES.fullmatch(plain(text)) is not None


def denies(text: str) -> bool:
    return _NO.fullmatch(plain(text)) is not None
