"""What a customer says beside the question: greetings, thanks, yes, no, and the wish for a person.

A whole message must be small talk to count: "hello, where is my parcel" is a
question. The wish for a person counts wherever it stands, because overlooking
it is the rudest thing a bot can do.
"""

from __future__ import annotations

import re
import unicodedata

from models.rules import bot_says

_NOT_A_WORD = re.compile(r"[^\w\s']+")

_PERSON = r"(?:person|human(?: being)?|agent|representative|rep|advis[eo]r|operator|somebody|someone|people|staff|colleague|employee|support(?: team| staff)?|customer (?:service|support|care)|manager|supervisor)"
_REAL = r"(?:(?:a|an|any|the|your|some|one|another) )?(?:of )?(?:(?:your|real|actual|live|human|proper|true) )*"
_WISHES = [
    rf"\b(?:talk|speak|chat|connect|transfer|pass|put|hand|switch|escalate|write|get)\b(?: me| us| this| it| over| through| on| straight| directly)*(?: to| with| through to| in touch with| hold of) {_REAL}{_PERSON}\b",
    rf"\b(?:get|give|send|find|fetch|bring|want|need|wanna have|prefer|like)\b(?: me| us)? {_REAL}(?:real |live |actual |human )*(?:person|human(?: being)?|(?:live |human |real |support )agent|representative|operator)\b(?! (?:who|that|to sign))",
    r"\b(?:talk|speak|chat)(?:ing)? (?:to|with) (?:a |an |the )?(?:bot|robot|machine|computer)\b",
    r"\b(?:is|are) (?:there|any) (?:\w+ )*?(?:human|real person|live agent)s?\b",
    r"\bcan (?:a|any|some) ?(?:one|body|human|real person|person|agent) (?:call|help|phone|talk|speak|contact)\b(?: to| with)?(?: me)?$",
    r"\b(?:call|ring|phone) me(?: back)?(?: please)?$",
    r"\bnot (?:a |talk to a |with a )?(?:bot|robot|machine)\b",
    r"\bhuman (?:please|help|support|now)\b",
]  # fmt: skip
_BARE_WISHES = r"(?:please )?(?:a |an |the )?(?:real |live |actual )?(?:human(?: being)?|agent|live agent|real person|person|representative|operator|live chat|live support|customer (?:service|support|care)|support)(?: please| now)*"
_WISH = re.compile("|".join([*_WISHES, rf"^{_BARE_WISHES}$"]))

_HELLO = r"(?:hi+|hello+|hey+|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day))"
_FILLER = r"(?:there|all|everyone|team|bot|parley|again|so much|a lot|very much|please|you|mate|guys)"
_THANKS = r"(?:thanks?(?: you)?|thank u|thx|ty|cheers|much appreciated|many thanks|appreciate it|you(?:'re| are) the best)"
_FINE = r"(?:great|perfect|awesome|nice|cool|super|lovely|excellent|wonderful|brilliant|amazing|ok(?:ay)?|got it|understood|i see|sounds good|good to know|that(?:'s| is) (?:all|it|great|perfect|everything)|that (?:helps|helped|worked|works|answers (?:it|my question))|very helpful|problem solved|all good|no problem)"

_SMALL_TALK: list[tuple[re.Pattern[str], str]] = [
    (re.compile(rf"{_HELLO}(?: {_HELLO}| {_FILLER})*"), bot_says.GREETING),
    (re.compile(rf"(?:{_HELLO}(?: {_FILLER})* )?(?:how are (?:you|things)|how(?:'s| is) it going|what's up|sup)(?: today| doing)*"), bot_says.HOW_ARE_YOU),
    (re.compile(rf"(?:{_FINE} )*(?:(?:no )?{_THANKS})(?: {_FILLER}| {_FINE}| {_THANKS}| for (?:your|the) (?:help|time|answer|quick reply))*|{_FINE}(?: {_FINE})*"), bot_says.YOU_ARE_WELCOME),
    (re.compile(rf"(?:{_FINE} |{_THANKS} )*(?:bye+(?: bye)?|goodbye|see (?:you|ya)|have a (?:nice|good|great) (?:day|one|evening|weekend)|take care)(?: {_FILLER}| {_THANKS})*"), bot_says.GOODBYE),
    (re.compile(r"(?:are you|am i (?:talking|speaking|chatting) (?:to|with)|is this) (?:a |an )?(?:real |human |live )*(?:bot|robot|chatbot|machine|ai|human|person|computer)(?: or (?:a |an )?(?:real |human )*(?:bot|robot|machine|human|person))?|(?:who|what) are you"), bot_says.WHO_ARE_YOU),
    (re.compile(r"(?:can|could|would) you help(?: me)?(?: please)?|(?:i )?(?:need|want)(?: some| your)? help(?: please)?|help(?: me)?(?: please)?|i have (?:a|one|another|some) (?:question|problem|issue|query)s?|(?:can|may) i ask (?:you )?(?:a question|something)|quick question"), bot_says.SAY_MORE),
]  # fmt: skip

_YES = re.compile(r"(?:yes|yep|yeah|yup|sure|exactly|correct|right|that one|the first(?: one)?|indeed|of course)(?: please| that one| exactly)*")
_NO = re.compile(
    r"(?:no+|nope|nah|neither|none(?: of (?:these|those|them))?|not really|wrong|no (?:that(?:'s| is) (?:not it|wrong|not what i meant))"
    r"|that(?:'s| is) (?:not it|wrong|not (?:what i (?:meant|asked|need|want)|right|helpful))|(?:that )?(?:didn't|did not|doesn't|does not) (?:help|work|answer (?:it|my question))(?: me)?"
    r"|not (?:helpful|what i (?:meant|asked|need|want))|you (?:don't|do not|didn't) understand(?: me)?|something else|wrong answer)"
)  # fmt: skip


def plain(text: str) -> str:
    """Lower case, straight apostrophes, no punctuation, single spaces: two ways to type it become one."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return " ".join(_NOT_A_WORD.sub(" ", text).split())


def wants_person(text: str) -> bool:
    words = plain(text)
    return words == plain(bot_says.TALK_TO_A_PERSON) or _WISH.search(words) is not None


def reply_to(text: str) -> str | None:
    """What to say to a message that is nothing but small talk; None for anything with a question in it."""
    words = plain(text)
    if not words:
        return bot_says.SAY_MORE
    return next((reply for pattern, reply in _SMALL_TALK if pattern.fullmatch(words)), None)


def affirms(text: str) -> bool:
    return _YES.fullmatch(plain(text)) is not None


def denies(text: str) -> bool:
    return _NO.fullmatch(plain(text)) is not None
