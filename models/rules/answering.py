"""What the bot answers, or why it does not. Pure: neighbours come in, a verdict goes out.

`queries/knowledge.py` finds what lies near a question; this page weighs it.

* A service has a **vote** (its share of what was learned from all phrasings
  together: how much the question leans to this one and no other) and a
  **nearness** (the mean likeness of its three nearest phrasings). Confidence is
  the middle of the two. The vote parts services that sound alike; the nearness
  notices a question that is about none of them.
* An article is weighed by its nearest passage, or by the nearest of the phrasings
  that people gave it.
* Two bars (`rules/bars.py`) part answers from doubts and doubts from misses.

A doubt asks back once ("Did you mean …"), and so do two answers that are close
("Which of these …"). A second doubt in a row, and any clear miss, goes to a person.
Silence and a confident wrong answer are the two failures this page is here to avoid.
`rules/turns.py` knows what came before the question in its chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from models.rules import bot_says, small_talk, turns
from models.rules.bars import Bars
from models.rules.failures import Trigger
from models.rules.learned import Reading
from models.rules.passages import as_chat
from models.rules.turns import Candidate, Earlier, Kind, Outcome

NEAREST = 3  # phrasings of a service that speak for it
ACQUAINTED = 0.30  # below this likeness a service has nothing to do with the question, however the vote goes
PASSAGE_SURE = 0.52  # demo desk: foreign questions never came above .45, and from here up 8 passages in 10 were right
PHRASING_SURE = 0.65  # a question is nearer to a question than to a text that answers it
CLOSE = 0.10  # two services this near to each other: the customer decides
TOPICS_ASKED = 3  # services named in a question back
CANDIDATES_KEPT = 5  # what an analyst sees beside a failed response

Why = Trigger | Literal["asked_for_person"]
Handover = Literal["never", "after_answer", "instead"]
Source = tuple[Kind, int, str]
SETTLES: tuple[str, ...] = (bot_says.THAT_HELPED, bot_says.TALK_TO_A_PERSON)
REFUSES: tuple[str, ...] = (bot_says.NONE_OF_THESE, bot_says.TALK_TO_A_PERSON)


@dataclass(frozen=True)
class Answer:
    """What the bot replies. `unsure` marks a question back, `about` its best guess: it counts towards "twice in a row".

    `again` is an earlier turn whose answer was no help, for this is its question in other words.
    With `hands_over`, a person goes on from here.
    """

    body: str
    sources: list[Source] = field(default_factory=list)
    quick_replies: list[str] = field(default_factory=lambda: [bot_says.TALK_TO_A_PERSON])
    confidence: float = 1.0
    unsure: bool = False
    about: int | None = None
    outcome: Outcome = "answered"
    question: str = ""  # the words that were looked up
    candidates: list[Candidate] = field(default_factory=list)
    reading: Reading | None = None
    again: Earlier | None = None
    hands_over: bool = False

    @property
    def service_id(self) -> int | None:
        """The service it speaks of, or asks about."""
        return self.about if self.about is not None else self._source("service")

    @property
    def article_id(self) -> int | None:
        return self._source("article")

    def _source(self, wanted: Kind) -> int | None:
        return next((number for kind, number, _ in self.sources if kind == wanted), None)


@dataclass(frozen=True)
class Miss:
    """Why a person takes over, which question stays open (`text`), and what the customer is told (`body`).

    With `asked_for_person`, `text` is the wish itself: no question went unanswered,
    and there is nothing for an analyst to repair. `of` is the earlier turn that failed,
    where it was not this one. `about` is the service it is probably about, near enough
    for "Did you mean"; who only wishes for a person changes nothing of that.
    """

    text: str
    trigger: Why
    candidates: list[Candidate] = field(default_factory=list)
    reading: Reading | None = None
    body: str = bot_says.HANDING_OVER
    about: int | Literal["as before"] | None = None
    of: Earlier | None = None
    again: Earlier | None = None


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
    quick_replies: Sequence[str] = ()
    handover: Handover = "never"

    @property
    def confidence(self) -> float:
        return 1.0 if self.named else confidence(self.vote, self.nearness)


@dataclass(frozen=True)
class NearPassage:
    """A passage near the question, or (`phrased`) of an article that was given a phrasing near it."""

    article_id: int
    title: str
    text: str
    nearness: float
    phrased: bool = False

    @property
    def sure(self) -> bool:
        return self.nearness >= (PHRASING_SURE if self.phrased else PASSAGE_SURE)


@dataclass(frozen=True)
class Neighbours:
    """What the desk knows near one question, and how sure it must be to say it. `version`: of what it knows."""

    services: Sequence[NearService]
    passages: Sequence[NearPassage]
    bars: Bars
    version: str = ""


@dataclass(frozen=True)
class Said:
    """The customer's newest words, and the bot's turns before them, newest first."""

    text: str
    earlier: Sequence[Earlier] = ()

    @property
    def last(self) -> Earlier | None:
        return self.earlier[0] if self.earlier else None

    @property
    def lost(self) -> bool:
        """The bot has just asked back."""
        return self.last is not None and self.last.unsure


def confidence(vote: float, nearness: float) -> float:
    return (vote + nearness) / 2 if nearness >= ACQUAINTED else max(nearness, 0.0) / 2


def at_once(said: Said) -> Verdict | None:
    """What needs no looking up: a wish for a person, "that helped", small talk, a plain no. None for a question."""
    last = said.last
    if last and last.outcome == "answered" and small_talk.settles(said.text):
        return Settled()
    if small_talk.wants_person(said.text):
        return _person(said.text, last)
    denies = small_talk.denies(said.text)
    if denies and last and (last.unsure or last.outcome == "answered"):
        trigger: Trigger = "clarification_refused" if last.unsure else "thumbs_down"
        return Miss(last.question, trigger, list(last.candidates), body=bot_says.STILL_LOST, of=last)
    affirms = small_talk.affirms(said.text)
    if affirms and said.lost:
        return None
    reply = bot_says.SAY_MORE if denies or affirms else small_talk.reply_to(said.text)
    return Answer(reply, outcome="small_talk", question=said.text) if reply else None


def _person(wish: str, last: Earlier | None) -> Miss:
    """The wish for a person: about nothing in particular, or because of what the bot has just said."""
    trigger = turns.let_down(last)
    if last is None or trigger is None:
        return Miss(wish, "asked_for_person", body=bot_says.PERSON_COMING, about="as before")
    return Miss(last.question, trigger, list(last.candidates), body=bot_says.PERSON_COMING, about="as before", of=last)


def question(said: Said) -> str:
    """The words to look up: a "yes" to "Did you mean …" means the question before it."""
    if said.last and said.lost and small_talk.affirms(said.text):
        return said.last.question
    return said.text


def judge(said: Said, near: Neighbours, reading: Reading | None = None) -> Answer | Miss:
    """Weigh what lies near the question: answer, ask back once, or let a person take over.

    `reading` is the question as the model read it; by it a question that was asked before is known again.
    """
    text = question(said)
    again = turns.repeated(said.earlier, reading)
    verdict = _weigh(said, text, near, again)
    return replace(verdict, reading=reading, again=again)


def _weigh(said: Said, text: str, near: Neighbours, again: Earlier | None) -> Answer | Miss:
    if not near.services and not near.passages:
        return Miss(text, "no_knowledge")
    services = sorted(near.services, key=lambda each: -each.confidence)
    best = services[0] if services else None
    found = candidates(services, near.passages)
    agreed = text != said.text  # the customer said yes to the best guess
    if best and best.confidence >= (near.bars.doubt if agreed else near.bars.sure):
        if again and ("service", best.id) == again.source and not best.named:
            return _not_again(text, services[1:], near.bars, again)
        close = [] if agreed or said.lost or best.named else _close_to(best, services[1:], near.bars)
        if close:
            return _which([best, *close], text, found)
        return _from_service(best, text, found)
    passages = [each for each in near.passages if not again or ("article", each.article_id) != again.source]
    passage = max(
        (each for each in passages if each.sure), key=lambda each: (each.phrased, each.nearness), default=None
    )
    if passage:
        return _from_article(passage, text, found)
    if best and best.confidence >= near.bars.doubt and not said.lost:
        return _ask_back(services, near.bars, text, found)
    about = best.id if best and best.confidence >= near.bars.doubt else None
    return Miss(
        text, "low_confidence", found, about=about, body=bot_says.STILL_LOST if said.lost else bot_says.HANDING_OVER
    )


def _close_to(best: NearService, others: Sequence[NearService], bars: Bars) -> list[NearService]:
    """Services that might be meant just as well."""
    close = [each for each in others if each.confidence >= max(bars.doubt, best.confidence - CLOSE)]
    return close[: TOPICS_ASKED - 1]


def _not_again(text: str, others: Sequence[NearService], bars: Bars, again: Earlier) -> Answer | Miss:
    """The answer was no help a moment ago; whatever else is near may be, and else a person is."""
    near = [each for each in others if each.confidence >= bars.doubt][:TOPICS_ASKED]
    if near:
        return _which(near, text, list(again.candidates), body=bot_says.NOT_THAT)
    return Miss(text, "asked_again", list(again.candidates), body=bot_says.STILL_LOST, about="as before", of=again)


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


def _ask_back(services: Sequence[NearService], bars: Bars, text: str, found: list[Candidate]) -> Answer:
    """Offer the best guess and whatever else was not far from it."""
    within_reach = [each for each in services if each.confidence >= bars.doubt / 2][:TOPICS_ASKED]
    return replace(_which(within_reach, text, found, body=bot_says.DID_YOU_MEAN), outcome="asked_back")


def _which(
    services: Sequence[NearService], text: str, found: list[Candidate], body: str = bot_says.WHICH_OF_THESE
) -> Answer:
    return Answer(
        body,
        quick_replies=[*(each.name for each in services), *REFUSES],
        confidence=services[0].confidence,
        unsure=True,
        about=services[0].id,
        outcome="asked_which",
        question=text,
        candidates=found,
    )


def _from_service(best: NearService, text: str, found: list[Candidate]) -> Answer:
    instead, hands_over = best.handover == "instead", best.handover != "never"
    return Answer(
        bot_says.TO_ITS_TEAM if instead else best.answer,
        [("service", best.id, best.name)],
        quick_replies=[] if hands_over else [*best.quick_replies, *SETTLES],
        confidence=best.confidence,
        question=text,
        candidates=found,
        hands_over=hands_over,
    )


def _from_article(passage: NearPassage, text: str, found: list[Candidate]) -> Answer:
    return Answer(
        bot_says.FROM_ARTICLE.format(title=passage.title, passage=as_chat(passage.text)),
        [("article", passage.article_id, passage.title)],
        quick_replies=list(SETTLES),
        confidence=passage.nearness,
        question=text,
        candidates=found,
    )
