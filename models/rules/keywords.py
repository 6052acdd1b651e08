"""The words that set one group of questions apart from all others: class-based TF-IDF over words and pairs. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

SHOWN = 4
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")

# Words that say nothing about what a question is about. Of other languages the frequencies alone decide.
_STOP = frozenset(
    "a about after again all am an and any are as at be because been before being but by can can't cannot could couldn't did"
    " didn't do does doesn't doing don't down for from get gets getting go going good got had has have haven't having he hello"
    " help her here hey hi him his how i i'd i'll i'm i've if in into is isn't it it's its just know let like make me my need no"
    " not now of off ok okay on one only or other our out over own please possible really right same say see she should so some"
    " something still such take tell thank thanks that that's the their them then there these they thing this those through to"
    " too try trying up us very want was wasn't we well were what what's when where which while who why will with won't would"
    " yeah yes you you're your".split()
)


def terms(text: str) -> list[str]:
    """Words and pairs of neighbouring words, without those that say nothing."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    kept = [word for word in words if _tells(word)]
    pairs = [f"{a} {b}" for a, b in pairwise(words) if _tells(a) and _tells(b)]
    return kept + pairs


def counted(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each term stands: one who repeats himself counts once."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(terms(text)))
    return found


def keywords(texts: Sequence[str], everywhere: Mapping[str, int], texts_everywhere: int) -> list[str]:
    """The terms most typical of these texts, the best first; none is part of another or its plural."""
    here = counted(texts)
    often = max(2, math.ceil(len(texts) * 0.05)) if len(texts) > 2 else 1
    rated = sorted(
        (
            (-(count / len(texts)) * math.log(1 + texts_everywhere / max(everywhere.get(term, 0), count)), term)
            for term, count in here.items()
            if count >= often
        )
    )
    chosen: list[str] = []
    for _, term in rated:
        if len(chosen) == SHOWN:
            break
        if not any(_overlaps(term, other) for other in chosen):
            chosen.append(term)
    return chosen


def _overlaps(term: str, other: str) -> bool:
    return bool({_stem(word) for word in term.split()} & {_stem(word) for word in other.split()})


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


@cache
def _tells(word: str) -> bool:
    return word not in _STOP and not word.isdigit() and (len(word) > 2 or not word.isascii())
