"""The words by which broadcasts are stopped, and what goes out with them."""

from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules import broadcasting, delivering, marks, stopping
from models.rules.stopping import Wish


@pytest.mark.parametrize(
    "said",
    [
        "STOP", "stop", " Stop! ", "“Stop.”", "STOP 🙏", "Stop all", "Stop promotions",
        "unsubscribe", "/stop", "**STOP**", "Désabonner", "DESABONNER",
        "Стоп", "отписаться", "退订", "수신거부", "Stop\n\n-- \nBen Okri\nFernhill Road 3", "stop\n--\nBen", "STOP\r\n",
    ],
)  # fmt: skip
def test_nothing_but_the_word_stops(said: str) -> None:
    assert stopping.wish(said) is Wish.STOP


@pytest.mark.parametrize(
    "said",
    [
        "", "Stop sending me parcels", "please stop", "stop?no", "Don’t stop", "nonstop", "stop start", "-- \nstop", "end", "no",
        "stop" * 30, "s t o p",
    ],
)  # fmt: skip
def test_a_sentence_with_the_word_in_it_does_not(said: str) -> None:
    assert stopping.wish(said) is None


def test_the_way_back() -> None:
    assert {stopping.wish(said) for said in ("START", "start.", "Unstop", "subscribe")} == {Wish.START}


# The same as in the front end's tests/shared/format.test.ts.
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**Bold** and *slanted* and _so_", "Bold and slanted and so"),
        ("**bold with *more* inside**", "bold with more inside"),
        ("`code **stays**`", "code **stays**"),
        ("2 * 3 * 4 and some_file_name", "2 * 3 * 4 and some_file_name"),
        ("https://shop.example/a_b_c?d=*e*", "https://shop.example/a_b_c?d=*e*"),
        ("see (https://shop.example/x), *now*", "see (https://shop.example/x), now"),
        ("a_b_c@shop.example _yes_", "a_b_c@shop.example yes"),
        ("one\n**two**\n\nthree", "one\ntwo\n\nthree"),
        ("** not ** and *not\nthis*", "** not ** and *not\nthis*"),
    ],
)
def test_marks_go_and_words_stay(written: str, read: str) -> None:
    assert marks.without(written) == read


def test_what_a_channel_gets_is_counted_with_the_line_about_stopping() -> None:
    said = broadcasting.words("**Now**", formats=False, stop="https://x.example/stop/1")
    assert said == "Now\n\nNo more messages like this: answer STOP, or open https://x.example/stop/1"
    assert broadcasting.words("**Now**", formats=True, stop=None) == "**Now**"
    broadcasting.require_fits(len(said), len(said), "SMS")
    with pytest.raises(Invalid) as refused:
        broadcasting.require_fits(len(said) + 2, len(said), "SMS")
    assert (refused.value.code, refused.value.detail) == ("too_long_there", {"channel": "SMS", "over": 2})


def test_a_broadcast_in_a_chat_has_gone_its_own_way() -> None:
    assert not delivering.goes_out("system", "text", "Parcels move again.", {"broadcast": {"id": 1}})
    assert delivering.goes_out("system", "event", "You’ll get no more.", {"event": "broadcasts_stopped"})
    assert delivering.worth_a_letter("event", {"event": "broadcasts_stopped"})
    assert not delivering.worth_a_letter("event", {"event": "assigned"})
