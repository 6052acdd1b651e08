"""Search: chats by the words that were said in them, the newest words first.

A word that half of all messages hold and one that a single message holds must both be found quickly. How often a
word was written is known (table `word`): a seldom one is looked up in the index, wherever it stands; a frequent one is
read backwards from the newest message, a window at a time. Such a search, when it has still found little after some
windows, says how far back it has come and goes on when asked. A filter that leaves few chats is looked through
chat by chat instead. So what is read for one page has a bound, however long the past is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.db import one, rows
from models.errors import Invalid
from models.queries import access, history, naming, shapes
from models.queries.access import Permission, Viewer
from models.queries.chats import MESSAGE_COLUMNS, like
from models.queries.shapes import Out
from models.rules import search as rules
from models.rules.narrowing import Narrowing
from models.rules.search import Asked, Operator, Problem, Term

Row = dict[str, Any]

SELDOM = 5_000
"""Uses of a word up to which all messages with it are looked up: some thousand rows, wherever they lie."""
WINDOWS = (10_000, 50_000)
"""Messages read backwards in turn. The first finds what is asked for often; all together stay within a search's time."""
FEW_CHATS = 400
"""A filter that leaves at most so many chats is looked through itself."""
HITS = 3  # shown of one chat
PEOPLE = 5
PEOPLE_WEIGHED = 50  # customers of that name whose chats are looked at
LIKE_IT = 40  # words like a wrongly typed one that are weighed
BEGINNINGS = 8  # words that begin as the last one typed does

# Written around what was found, and in the place of what the database would take for markup and leave out. No text
# that was typed holds these.
_BEGIN, _END, _LESS = "\x02", "\x03", "\x04"
_HEADLINE = f"StartSel={_BEGIN}, StopSel={_END}, HighlightAll=true"

# The operator uses the index of words, the function behind it does not: each place below says which way it reads.
_INDEXED, _READ = "m.words @@ %(q)s::tsquery", "ts_match_vq(m.words, %(q)s::tsquery)"


@dataclass
class Plan:
    """A query as the database needs it, and what is to be said about it."""

    chats: Narrowing
    problems: list[Problem]
    tsquery: str = ""  # empty: no words
    uses: int = 0  # messages that may hold all of them, at most
    terms: list[Row] = field(default_factory=list)  # typed words nobody wrote, and those like them
    where: list[str] = field(default_factory=list)  # of the messages
    params: Row = field(default_factory=dict)
    nothing: bool = False  # something asked for does not exist, so nothing fits


def page(
    viewer: Viewer, q: str, wanted: Narrowing, *, zone: str = "UTC", limit: int = 20, after: str | None = None
) -> Out:
    """A `SearchPage`."""
    viewer.require(Permission.HISTORY_READ)
    asked = rules.parse(q)
    plan = _planned(viewer, asked, wanted, _zone(zone))
    nothing: Out = {"items": [], "next": None, "searched_to": None}
    if plan.nothing or not (plan.tsquery or asked.operators):
        found = nothing
    elif not plan.tsquery:
        listed = history.page(viewer, plan.chats, limit=limit, after=after)
        found = {**nothing, "items": [{"chat": each, "hits": []} for each in listed["items"]], "next": listed["next"]}
    else:
        found = _by_words(viewer, plan, limit, _marker(after))
    first = after is None and not plan.nothing
    return {
        **found,
        "people": _people(viewer, plan, asked) if first else [],
        "problems": [
            {"code": each.code, "text": each.text, "start": each.start, "end": each.end} for each in plan.problems
        ],
        "corrected": _corrected(plan, found["items"]),
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("There is no such time zone.", fields={"zone": ["Not a time zone."]}) from None


def _marker(after: str | None) -> int | None:
    if after is None:
        return None
    if not after.isascii() or not after.isdigit() or not 0 < int(after) < 2**63:
        raise Invalid("This page marker is not one of ours.", fields={"after": ["Not a page marker."]})
    return int(after)


# --- what is asked ---------------------------------------------------------------------------------------------


def _planned(viewer: Viewer, asked: Asked, wanted: Narrowing, zone: ZoneInfo) -> Plan:
    plan = Plan(replace(wanted, state=wanted.state or "any"), list(asked.problems))
    period, wrong = rules.period(asked.operators, zone)
    if wrong:
        plan.problems += wrong
        plan.nothing = True
        return plan
    if asked.wanted:
        _words(plan, asked)
    if plan.tsquery:
        if not access.reads_notes(viewer):
            plan.where.append("m.kind <> 'note'")
        for name, sign, moment in (("since", ">=", period.from_at), ("until", "<", period.to_at)):
            if moment is not None:
                plan.where.append(f"m.created_at {sign} %({name})s")
                plan.params[name] = moment
    else:
        later = [each for each in (wanted.from_at, period.from_at) if each is not None]
        sooner = [each for each in (wanted.to_at, period.to_at) if each is not None]
        plan.chats = replace(plan.chats, from_at=max(later, default=None), to_at=min(sooner, default=None))
    for name in dict.fromkeys(each.name for each in asked.operators):
        _narrow(viewer, plan, name, asked.values(name))
    return plan


def _narrow(viewer: Viewer, plan: Plan, name: str, operators: list[Operator]) -> None:
    """Let an operator narrow the chats or, with words, the messages."""
    values = [each.value for each in operators]
    match name:
        case "is":
            for value in values:
                plan.chats = replace(plan.chats, **_IS[value])
        case "has":
            plan.chats = replace(plan.chats, **{key: found for value in values for key, found in _HAS[value].items()})
        case "in":
            plan.where.append("m.kind = any(%(kinds)s)")
            plan.params["kinds"] = ["note" if value == "notes" else "text" for value in values]
        case "rating":
            plan.chats = replace(plan.chats, ratings=tuple(int(value) for value in values))
        case "customer":
            if not (values[-1].isascii() and values[-1].isdigit() and int(values[-1]) < 2**63):
                _unknown(plan, operators[-1])
            else:
                plan.chats = replace(plan.chats, customer_id=int(values[-1]))
        case "from":
            _spoken(viewer, plan, operators)
        case "before" | "after" | "on":
            pass
        case _:
            found: Row = {_CRITERIA[name]: tuple(_numbers(plan, name, operators))}
            plan.chats = replace(plan.chats, **found)


_IS: dict[str, Row] = {
    "ended": {"state": "ended"},
    "open": {"state": "open"},
    "mine": {"scope": "mine"},
    "bot": {"bot_only": True},
    "escalated": {"escalated": True},
}
_HAS: dict[str, Row] = {"media": {"has_media": True}, "rating": {"ratings": (1, 2, 3, 4, 5)}}
_CRITERIA = {
    "agent": "agent_ids",
    "team": "team_ids",
    "tag": "tag_ids",
    "channel": "channel_ids",
    "service": "service_ids",
    "reason": "reasons",
    "cause": "causes",
}


def _numbers(plan: Plan, kind: str, operators: list[Operator]) -> list[Any]:
    found: list[Any] = []
    for each in operators:
        named = naming.called(kind, each.value)
        if not named:
            _unknown(plan, each)
        found += named[:1] if kind == "tag" else named
    return found


def _unknown(plan: Plan, operator: Operator) -> None:
    plan.problems.append(Problem("unknown_value", f"{operator.name}:{operator.value}", operator.start, operator.end))
    plan.nothing = True


def _spoken(viewer: Viewer, plan: Plan, operators: list[Operator]) -> None:
    """`from:`: who wrote the message; without words, who had the chat."""
    kinds = [each.value.lower() for each in operators if each.value.lower() in rules.SPEAKERS]
    named = [each for each in operators if each.value.lower() not in rules.SPEAKERS]
    agents = [viewer.id] if "me" in kinds else []
    agents += _numbers(plan, "agent", named)
    kinds = [kind for kind in kinds if kind != "me"]
    if plan.tsquery:
        plan.where.append(
            "(m.author_kind = any(%(speakers)s) or (m.author_kind = 'agent' and m.author_id = any(%(speaking)s::bigint[])))"
        )
        plan.params |= {"speakers": kinds, "speaking": agents}
    elif agents:
        plan.chats = replace(plan.chats, agent_ids=tuple(agents))


# --- words -----------------------------------------------------------------------------------------------------


def _words(plan: Plan, asked: Asked) -> None:
    """Make one tsquery of everything typed; a word nobody wrote stands for those like it as well."""
    parts: list[str] = []
    params: Row = {}
    uses: list[int] = []
    for place, term in enumerate(asked.terms):
        params[f"t{place}"] = term.text
        if term.phrase:
            part = f"phraseto_tsquery('parley', %(t{place})s)"
            alternatives = []
        else:
            part = f"plainto_tsquery('parley', %(t{place})s)"
            alternatives = [] if term.excluded else _alternatives(plan, term)
            for number, alternative in enumerate(alternatives):
                params[f"t{place}_{number}"] = alternative
                part += f" || plainto_tsquery('parley', %(t{place}_{number})s)"
            part = f"({part})"
        if not term.excluded:
            uses.append(_uses(term.text, alternatives))
        parts.append(f"!!{part}" if term.excluded else part)
    found = one(f"select ({' && '.join(parts)})::text as q, numnode({' && '.join(parts)}) as nodes", params)
    assert found is not None
    positive = [part for part, term in zip(parts, asked.terms, strict=True) if not term.excluded]
    kept = one(f"select numnode({' && '.join(positive)}) as nodes", params)
    assert kept is not None
    if not kept["nodes"]:
        text = " ".join(term.text for term in asked.wanted)
        plan.problems.append(Problem("only_common_words", text, asked.wanted[0].start, asked.wanted[-1].end))
        plan.nothing = not asked.operators
        return
    plan.tsquery, plan.uses = found["q"], min(uses)
    plan.params["q"] = plan.tsquery
    for place, term in enumerate(asked.terms):
        if term.phrase and not term.excluded:
            plan.where.append(f"lower(unaccent(m.body)) ~ %(exactly{place})s")
            plan.params[f"exactly{place}"] = rules.exactly(_folded(term.text))


def _folded(text: str) -> str:
    """In small letters and without accents, as words are counted and phrases compared."""
    found = one("select lower(unaccent(%s)) as folded", (text,))
    assert found is not None
    folded: str = found["folded"]
    return folded


def _uses(text: str, alternatives: list[str]) -> int:
    """How many messages may hold this word or phrase, or one of the alternatives, as far as words are counted."""
    pieces = re.findall(r"[^\W\d_]{3,}", _folded(text))
    found = rows("select word, uses from word where word = any(%s)", ([*pieces, *alternatives],))
    counted: dict[str, int] = {each["word"]: each["uses"] for each in found}
    own: int = min((counted.get(piece, 0) for piece in pieces), default=0)
    return own + sum(counted.get(each, 0) for each in alternatives)


def _alternatives(plan: Plan, term: Term) -> list[str]:
    """What else a typed word may stand for: with the last one words that begin so, with an unknown one words like it."""
    word = _folded(term.text)
    if not word.isalpha():
        return []
    if term.growing and len(word) >= 2:
        beginning = rows(
            "select word from word where word like %s and word <> %s order by uses desc, word limit %s",
            (like(word).removeprefix("%"), word, BEGINNINGS),
        )
        if beginning:
            return [each["word"] for each in beginning]
    if not rules.forgiven(word) or one("select 1 as yes from word where word = %s", (word,)):
        return []
    near = rows(
        "select word, uses from word where word %% %(word)s and length(word) between %(least)s and %(most)s"
        " order by similarity(word, %(word)s) desc limit %(limit)s",
        {"word": word, "least": len(word) - 2, "most": len(word) + 2, "limit": LIKE_IT},
    )
    meant = rules.likely(word, {each["word"]: each["uses"] for each in near})
    if meant:
        plan.terms.append({"typed": term.text, "meant": meant})
    return meant


# --- what is found ---------------------------------------------------------------------------------------------


@dataclass
class Found:
    """Chats in the order of their newest message that fits, each with that message; how far the search came."""

    newest: dict[int, int] = field(default_factory=dict)
    came_to: int | None = None  # the last message looked at, where there are more; None when enough was found
    at: datetime | None = None


def _by_words(viewer: Viewer, plan: Plan, limit: int, after: int | None) -> Out:
    where, params = history.conditions(viewer, plan.chats)
    params |= plan.params
    few = _few(plan, where, params)
    if few is not None:
        found = _in_chats(plan, few, params, limit, after)
    elif plan.uses <= SELDOM:
        found = _anywhere(plan, where, params, limit, after)
    else:
        found = _newest(plan, where, params, limit, after)
    chat_ids = list(found.newest)[:limit]
    more = len(found.newest) > limit
    last = found.newest[chat_ids[-1]] if more else found.came_to
    hits = _hits(plan, params, chat_ids)
    return {
        "items": [{"chat": shapes.chat(each), "hits": hits.get(each["id"], [])} for each in history.in_order(chat_ids)],
        "next": str(last) if last is not None else None,
        "searched_to": shapes.moment(found.at) if not more and found.came_to is not None else None,
    }


def _few(plan: Plan, where: list[str], params: Row) -> list[int] | None:
    """The chats a narrow filter leaves; None when there are many, or nothing narrows them."""
    if plan.chats == Narrowing(state=plan.chats.state) and plan.chats.state != "open":
        return None
    most = FEW_CHATS + 1
    found = rows(f"select c.id from chat c where {' and '.join(where)} limit {most}", params)
    return [each["id"] for each in found] if len(found) <= FEW_CHATS else None


def _in_chats(plan: Plan, chat_ids: list[int], params: Row, limit: int, after: int | None) -> Found:
    """Every fitting message of a few chats."""
    conditions = ["m.chat_id = any(%(few)s::bigint[])", _READ, *plan.where]
    fitting = rows(
        f"select max(m.id) as id, m.chat_id from message m where {' and '.join(conditions)} group by m.chat_id"
        " order by 1 desc",
        {**params, "few": chat_ids},
    )
    beyond = [each for each in fitting if after is None or each["id"] < after]
    return Found({each["chat_id"]: each["id"] for each in beyond[: limit + 1]})


def _anywhere(plan: Plan, where: list[str], params: Row, limit: int, after: int | None) -> Found:
    """All messages with a seldom word, and of their chats those that come next."""
    conditions = [_INDEXED, *plan.where]
    found = rows(
        # offset 0: looked up by words first, whatever the planner thinks of the rest
        "with fitting as materialized (select max(m.id) as id, m.chat_id from (select * from message m"
        f" where {' and '.join(conditions)} offset 0) m group by m.chat_id)"
        f" select f.id, f.chat_id from fitting f join chat c on c.id = f.chat_id and {' and '.join(where)}"
        " where f.id < coalesce(%(after)s, 9223372036854775807) order by f.id desc limit %(chats)s",
        {**params, "after": after, "chats": limit + 1},
    )
    return Found({each["chat_id"]: each["id"] for each in found})


def _newest(plan: Plan, where: list[str], params: Row, limit: int, after: int | None) -> Found:
    """The newest messages that fit, window by window, until enough chats are found."""
    found = Found()
    ends = one("select coalesce(min(id), 1) as oldest, coalesce(max(id), 0) as newest from message")
    assert ends is not None
    oldest: int = ends["oldest"]  # what stood before it has gone, and is not read through
    below: int = ends["newest"] + 1 if after is None else after
    conditions = [_READ, "m.id < %(below)s and m.id >= %(from)s", *plan.where]
    for window in WINDOWS:
        looked_at = rows(
            f"with fitting as materialized (select max(m.id) as id, m.chat_id from message m"
            f" where {' and '.join(conditions)} group by m.chat_id)"
            f" select f.id, f.chat_id from fitting f join chat c on c.id = f.chat_id and {' and '.join(where)}"
            " order by f.id desc limit %(chats)s",
            {**params, "below": below, "from": below - window, "chats": limit + 1},
        )
        for each in looked_at:
            found.newest.setdefault(each["chat_id"], each["id"])
        _forget_shown_before(plan, params, found, after)
        below -= window
        if below <= oldest or len(found.newest) > limit:
            break
    if below > oldest and len(found.newest) <= limit:
        found.came_to = below
        at = one("select created_at from message where id >= %s order by id limit 1", (below,))
        found.at = at["created_at"] if at else None
    return found


def _forget_shown_before(plan: Plan, params: Row, found: Found, after: int | None) -> None:
    """A chat stands where its newest fitting message stands: on a later page it is not shown again."""
    if after is None or not found.newest:
        return
    conditions = ["m.chat_id = any(%(found)s::bigint[])", "m.id >= %(after)s", _READ, *plan.where]
    before = rows(
        f"select distinct m.chat_id from message m where {' and '.join(conditions)}",
        {**params, "found": list(found.newest), "after": after},
    )
    for each in before:
        found.newest.pop(each["chat_id"], None)


def _hits(plan: Plan, params: Row, chat_ids: list[int]) -> dict[int, list[Out]]:
    """At most `HITS` fitting messages of each chat, newest first, with what fits marked."""
    conditions = ["m.chat_id = x.id", _READ, *plan.where]
    found = rows(
        "select e.*, ts_headline('parley', translate(e.body, %(marks)s, %(less)s), %(q)s::tsquery, %(headline)s) as marked"
        " from unnest(%(found)s::bigint[]) as x(id) cross join lateral ("
        f"select {MESSAGE_COLUMNS} from message m where {' and '.join(conditions)} order by m.all_seq desc limit {HITS}) e",
        {**params, "found": chat_ids, "marks": f"<{_BEGIN}{_END}", "less": _LESS, "headline": _HEADLINE},
    )
    hits: dict[int, list[Out]] = {}
    for each in found:
        hits.setdefault(each["chat_id"], []).append(
            {
                "message_id": each["id"],
                "all_seq": each["all_seq"],
                "kind": each["kind"],
                "author": {
                    "kind": each["author_kind"],
                    "id": each["author_id"],
                    "name": each["author_name"],
                    "hue": each["author_hue"],
                },
                "created_at": shapes.moment(each["created_at"]),
                "pieces": [
                    {"text": text, "hit": hit}
                    for text, hit in rules.excerpt(_pieces(each["marked"].replace(_LESS, "<")))
                ],
            }
        )
    return hits


def _pieces(marked: str) -> list[tuple[str, bool]]:
    """A text with marks around what was found, as stretches of it."""
    found: list[tuple[str, bool]] = []
    for place, part in enumerate(marked.split(_BEGIN)):
        hit, _, rest = part.partition(_END) if place else ("", "", part)
        found += [(text, is_hit) for text, is_hit in ((hit, True), (rest, False)) if text]
    return found


def _corrected(plan: Plan, items: list[Out]) -> list[Out]:
    """Words found in place of others. Only those that stand in what is shown: others may be in chats of others."""
    if not plan.terms:
        return []
    shown = {piece["text"] for item in items for hit in item["hits"] for piece in hit["pieces"] if piece["hit"]}
    meant = {word for each in plan.terms for word in each["meant"]}
    standing = rows(
        "select w as word from unnest(%(meant)s::text[]) w"
        " where to_tsvector('parley', %(shown)s) @@ plainto_tsquery('parley', w)",
        {"meant": list(meant), "shown": " ".join(shown)},
    )
    seen = {each["word"] for each in standing}
    found = [{"typed": each["typed"], "meant": [w for w in each["meant"] if w in seen]} for each in plan.terms]
    return [each for each in found if each["meant"]]


# --- people ----------------------------------------------------------------------------------------------------


def _people(viewer: Viewer, plan: Plan, asked: Asked) -> list[Out]:
    """Customers whose name or address has all of the words in it, with the newest of their chats that fit."""
    words = [term.text for term in asked.wanted]
    if not words or sum(map(len, words)) < 2:
        return []
    where, params = history.conditions(viewer, plan.chats)
    named = " and ".join(f"(s.name ilike %(n{place})s or s.email ilike %(n{place})s)" for place in range(len(words)))
    params |= {f"n{place}": like(word) for place, word in enumerate(words)}
    found = rows(
        f"with named as materialized (select s.id from customer s where {named} order by s.id desc limit {PEOPLE_WEIGHED})"
        " select c.customer_id, count(*)::int as chats, max(c.id) as newest from chat c"
        f" where c.customer_id in (select id from named) and {' and '.join(where)}"
        f" group by c.customer_id order by newest desc limit {PEOPLE}",
        params,
    )
    counted = {each["newest"]: each["chats"] for each in found}
    return [
        {"customer": shapes.customer_brief(each), "chats": counted[each["id"]], "chat": shapes.chat(each)}
        for each in history.in_order(list(counted))
    ]
