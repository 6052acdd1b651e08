"""What the bot answers, or why it does not. Pure: neighbours come in, a verdict goes out.

`queries/knowledge.py` finds what lies near a question; this page weighs it.

* A service has a **vote** (its share of what was learned from all phrasings
  together: how much the question leans to this one and no other) and a
  **nearness** (the mean likeness of its three nearest phrasings). Confidence is
  the middle of the two. The vote parts services that sound alike; the nearness
  notices a question that is about none of them.
* An article has no phrasings and is weighed by its nearest passage alone.
* Two bars (`rules/bars.py`) part answers from doubts and doubts from misses.

A doubt asks back once ("Did you mean …"). A second doubt in a row, and any clear
miss, goes to a person. Silence and a confident wrong answer are the two failures
this page is here to avoid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict

from models.rules import bot_says, small_talk
from models.rules.bars import Bars
from models.rules.passages import as_chat

NEAREST = 3  # phrasings of a service that speak for it
ACQUAINTED = 0.30  # below this likeness a service has nothing to do with the question, however the vote goes
PASSAGE_SURE = 0.52  # demo desk: foreign questions never came above .45, and from here up 8 passages in 10 were right
TOPICS_ASKED = 3  # services named in "Did you mean …"
CANDIDATES_KEPT = 5  # what an analyst sees beside a failed response

Kind = Literal["service", "article"]
Trigger = Literal["low_confidence", "asked_for_person", "no_knowledge"]
Source = tuple[Kind, int, str]


class Candidate(TypedDict):
    """Something the bot might have answered with, and how near it came (0 to 1)."""

    kind: Kind
    id: int
    title: str
    score: float


@dataclass(frozen=True)
class Answer:
    """What the bot replies. `unsure` marks a question back, `about` its best guess: it counts towards "twice in a row"."""

    body: str
    sources: list[Source] = field(default_factory=list)
    quick_replies: list[str] = field(default_factory=lambda: [bot_says.TALK_TO_A_PERSON])
    confidence: float = 1.0
    unsure: bool = False
    about: int | None = None

    @property
    def service_id(self) -> int | None:
        """The service it speaks of, or asks about."""
        spoken = (number for kind, number, _ in self.sources if kind == "service")
        return self.about if self.about is not None else next(spoken, None)


@dataclass(frozen=True)
class Miss:
    """Why a person takes over, which question stays open (`text`), and what the customer is told (`body`).

    With `asked_for_person`, `text` is the wish itself: no question went unanswered,
    and there is nothing for an analyst to repair. `about` is the service it is probably
    about, near enough for "Did you mean"; who only wishes for a person changes nothing of that.
    """

    text: str
    trigger: Trigger
    candidates: list[Candidate] = field(default_factory=list)
    embedding: list[float] | None = None
    model_id: str | None = None
    body: str = bot_says.HANDING_OVER
    about: int | Literal["as before"] | None = None


@dataclass(frozen=True)
class Settled:
    """The customer says the answer helped: the chat may end."""

    body: str = bot_says.SETTLED


Verdict = Answer | Miss | Settled


@dataclass(frozen=True)
class NearService:
    id: int
    name: str
    answer: str
    vote: float
    nearness: float
    named: bool = False  # the question is the service's very name: a quick reply was tapped

    @property
    def confidence(self) -> float:
        return 1.0 if self.named else confidence(self.vote, self.nearness)


@dataclass(frozen=True)
class NearPassage:
    article_id: int
    title: str
    text: str
    nearness: float


@dataclass(frozen=True)
class Neighbours:
    """What the desk knows near one question, and how sure it must be to say it."""

    services: Sequence[NearService]
    passages: Sequence[NearPassage]
    bars: Bars


@dataclass(frozen=True)
class Said:
    """The customer's words: the newest, those before, and how often in a row the bot was lost."""

    text: str
    before: str | None = None
    misses: int = 0


def confidence(vote: float, nearness: float) -> float:
    return (vote + nearness) / 2 if nearness >= ACQUAINTED else max(nearness, 0.0) / 2


def at_once(said: Said) -> Verdict | None:
    """What needs no looking up: a wish for a person, "that helped", small talk, a plain no. None for a question."""
    if said.before and not said.misses and small_talk.settles(said.text):
        return Settled()
    if small_talk.wants_person(said.text):
        if said.misses and said.before:  # the wish follows a question the bot did not understand
            return Miss(said.before, "low_confidence", body=bot_says.PERSON_COMING, about="as before")
        return Miss(said.text, "asked_for_person", body=bot_says.PERSON_COMING, about="as before")
    if small_talk.denies(said.text) and said.before:
        return Miss(said.before, "low_confidence", body=bot_says.STILL_LOST)
    if small_talk.affirms(said.text) and said.misses and said.before:
        return None
    if small_talk.denies(said.text) or small_talk.affirms(said.text):
        return Answer(bot_says.SAY_MORE)
    reply = small_talk.reply_to(said.text)
    return Answer(reply) if reply else None


def question(said: Said) -> str:
    """The words to look up: a "yes" to "Did you mean …" means the question before it."""
    if said.before and said.misses and small_talk.affirms(said.text):
        return said.before
    return said.text


def judge(said: Said, near: Neighbours) -> Answer | Miss:
    """Weigh what lies near the question: answer, ask back once, or let a person take over."""
    text = question(said)
    if not near.services and not near.passages:
        return Miss(text, "no_knowledge")
    services = sorted(near.services, key=lambda each: -each.confidence)
    best = services[0] if services else None
    agreed = text != said.text  # the customer said yes to the best guess
    if best and best.confidence >= (near.bars.doubt if agreed else near.bars.sure):
        return Answer(
            best.answer,
            [("service", best.id, best.name)],
            quick_replies=[bot_says.THAT_HELPED, bot_says.TALK_TO_A_PERSON],
            confidence=best.confidence,
        )
    passage = max(near.passages, key=lambda each: each.nearness, default=None)
    if passage and passage.nearness >= PASSAGE_SURE:
        return _from_article(passage)
    if best and best.confidence >= near.bars.doubt and not said.misses:
        return _ask_back(services, near.bars)
    about = best.id if best and best.confidence >= near.bars.doubt else None
    miss = Miss(text, "low_confidence", candidates(services, near.passages), about=about)
    return replace(miss, body=bot_says.STILL_LOST) if said.misses else miss


def candidates(services: Sequence[NearService], passages: Sequence[NearPassage]) -> list[Candidate]:
    """The best few of both kinds, each article once, nearest first."""
    found: list[Candidate] = [
        {"kind": "service", "id": each.id, "title": each.name, "score": round(each.confidence, 3)} for each in services
    ]
    seen: set[int] = set()
    for each in sorted(passages, key=lambda passage: -passage.nearness):
        if each.article_id not in seen:
            seen.add(each.article_id)
            score = round(max(each.nearness, 0.0), 3)
            found.append({"kind": "article", "id": each.article_id, "title": each.title, "score": score})
    return sorted(found, key=lambda candidate: -candidate["score"])[:CANDIDATES_KEPT]


def _ask_back(services: Sequence[NearService], bars: Bars) -> Answer:
    """Offer the best guess and whatever else was not far from it."""
    within_reach = [each.name for each in services if each.confidence >= bars.doubt / 2][:TOPICS_ASKED]
    return Answer(
        bot_says.DID_YOU_MEAN,
        quick_replies=[*within_reach, bot_says.TALK_TO_A_PERSON],
        confidence=services[0].confidence,
        unsure=True,
        about=services[0].id,
    )


def _from_article(passage: NearPassage) -> Answer:
    return Answer(
        bot_says.FROM_ARTICLE.format(title=passage.title, passage=as_chat(passage.text)),
        [("article", passage.article_id, passage.title)],
        quick_replies=[bot_says.THAT_HELPED, bot_says.TALK_TO_A_PERSON],
        confidence=passage.nearness,
    )
