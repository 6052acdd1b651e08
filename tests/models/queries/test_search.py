"""Search: by stems and accents, typing errors, phrases and operators; marked, within what one may see, in its order."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import words
from models.db import rows, run
from models.errors import Invalid
from models.queries import naming, search
from models.rules.narrowing import Narrowing
from models.tables.desk import Tag
from models.tables.knowledge import Service
from tests.support.people import (
    Colleague,
    chat_of,
    chat_row,
    entries,
    let_time_pass,
    make_agent,
    make_customer,
    make_team,
)


def about(owner: Colleague, *lines: str, customer: str | None = None) -> int:
    """A chat in which the customer says these lines; it has ended."""
    writer = make_customer(customer)
    chat_id = writer.waits(lines[0])
    owner.takes(chat_id)
    for line in lines[1:]:
        writer.says(line)
    owner.ends(chat_id)
    return chat_id


def learnt() -> None:
    """The words are counted, as a worker does it half a minute later."""
    run("update message set created_at = created_at - interval '1 minute'")
    words.sweep()


def asked(reader: Colleague, q: str, **more: Any) -> dict[str, Any]:
    wanted = Narrowing(**{name: more.pop(name) for name in list(more) if name in Narrowing.__slots__})
    return search.page(reader.viewer, q, wanted, **more)


def found(reader: Colleague, q: str, **more: Any) -> list[int]:
    return [each["chat"]["id"] for each in asked(reader, q, **more)["items"]]


def marked(page: dict[str, Any]) -> list[str]:
    return [piece["text"] for item in page["items"] for hit in item["hits"] for piece in hit["pieces"] if piece["hit"]]


def problems(page: dict[str, Any]) -> list[str]:
    return [each["code"] for each in page["problems"]]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("My parcels were delivered", "parcel deliver"),
        ("Where is my refund?", "REFUNDS"),
        ("Müller's café in Orléans", "muller cafe orleans"),
        ("I want a Calathea", "calathéa"),
        ("The gift-wrap is torn", "wrap"),
        ("Order INV-2023-001 is late", "INV-2023-001"),
        ("Write to rosa@shop.example please", "rosa@shop.example"),
        ("Стол и стул", "стул"),
        ("It was 100% purple", "100% purple"),
    ],
)
def test_words_are_found_by_stem_case_and_without_accents(written: str, typed: str, ana: Colleague) -> None:
    about(ana, "Something else entirely")
    chat_id = about(ana, "Hello", written)
    assert found(ana, typed) == [chat_id]


def test_what_was_found_is_marked_and_says_where_it_stands(ana: Colleague) -> None:
    chat_id = about(ana, "Hello", "My <b>parcels</b> are late", "A second parcel")
    page = asked(ana, "parcel")
    (item,) = page["items"]
    newest, older = item["hits"]
    stored = {each["id"]: each for each in entries(chat_id)}
    assert [each["message_id"] for each in item["hits"]] == sorted(
        (each["message_id"] for each in item["hits"]), reverse=True
    )
    assert stored[older["message_id"]]["body"] == "My <b>parcels</b> are late"
    assert "".join(piece["text"] for piece in older["pieces"]) == "My <b>parcels</b> are late", "text, and never markup"
    assert [piece["text"] for piece in older["pieces"] if piece["hit"]] == ["parcels"]
    assert (newest["kind"], newest["author"]["kind"], newest["all_seq"]) == (
        "text",
        "customer",
        stored[newest["message_id"]]["all_seq"],
    )


def test_marks_that_somebody_wrote_themselves_mark_nothing(ana: Colleague) -> None:
    chat_id = about(ana, "Hello")
    run("update message set body = %s where chat_id = %s and kind = 'text'", ("a \x02pot\x03 and \x02cup\x03", chat_id))
    assert marked(asked(ana, "cup")) == ["cup"]


def test_a_word_typed_wrongly_finds_the_one_that_was_meant(ana: Colleague) -> None:
    chat_id = about(ana, "My calathea has brown leaves")
    about(ana, "Where is my parcel?")
    learnt()
    for typed in ("calatea ", "clathea ", "caltahea ", "calatheea "):
        page = asked(ana, typed)
        assert [each["chat"]["id"] for each in page["items"]] == [chat_id], typed
        assert page["corrected"] == [{"typed": typed.strip(), "meant": ["calathea"]}]
        assert marked(page) == ["calathea"]
    assert found(ana, "pracel calathea ") == []
    assert asked(ana, "calathea ")["corrected"] == []


def test_the_last_word_may_be_half_typed(ana: Colleague) -> None:
    chat_id = about(ana, "I asked for a refunding of it")
    learnt()
    for typed in ("ref", "refund", "refundi", "refunding"):
        assert found(ana, typed) == [chat_id], typed
    assert found(ana, "ref ") == [], "with a space behind it the word is whole"


def test_what_others_wrote_is_never_given_away_by_a_correction() -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    ana, ben = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Ben Hale", teams=(returns,))
    secret = make_customer()
    chat_id = secret.waits("The zanzibar matter", topic="Returns")
    ben.takes(chat_id)
    ben.ends(chat_id)
    learnt()
    assert found(ben, "zanzibra ") == [chat_id]
    page = asked(ana, "zanzibra ")
    assert (page["items"], page["corrected"], page["people"]) == ([], [], [])


def test_a_phrase_is_exact(ana: Colleague) -> None:
    right = about(ana, "I would like to return the big pot")
    about(ana, "The pot I returned was big")
    about(ana, "I returned the big pots")
    assert found(ana, '"return the  BIG pot"') == [right]
    assert found(ana, '"big pot" return') == [right]
    assert found(ana, "big pot -like") == found(ana, "pot")[:2]


def test_a_message_is_what_it_says_now(ana: Colleague) -> None:
    chat_id = chat_of(ana)
    first, second = ana.says(chat_id, "The password is swordfish"), ana.says(chat_id, "Ask for marmalade")
    assert found(ana, "swordfish") == found(ana, "marmalade") == [chat_id]
    ana.edits(first, "The password is herring")
    ana.deletes(second)
    assert found(ana, "swordfish") == found(ana, "marmalade") == []
    assert found(ana, "herring") == [chat_id]


def test_what_the_desk_says_by_itself_is_nobodys_words(ana: Colleague) -> None:
    about(ana, "Hello")
    assert found(ana, "joined") == []


def test_notes_are_searched_for_those_who_read_them(ana: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    chat_id = chat_of(ana)
    ana.notes(chat_id, "A troublesome fellow")
    assert found(ana, "troublesome") == found(ana, "troublesome in:notes") == [chat_id]
    assert found(ana, "troublesome in:messages") == []
    monkeypatch.setattr(search.access, "reads_notes", lambda viewer: False)
    assert found(ana, "troublesome") == found(ana, "troublesome in:notes") == []


def test_operators_narrow_what_is_found(ana: Colleague) -> None:
    boss, orders = make_agent("Sam Boss", role="supervisor", limit=50), make_team("Orders")
    urgent = Tag.create(name="not paid", hue=1).id
    Service.create(key="plants", name="Plants", answer="Yes.")
    rosa = make_customer("Rosa Lind")
    first = rosa.waits("A pot", topic="Orders")
    boss.takes(first)
    boss.says(first, "Which pot?")
    boss.tags(first, urgent)
    boss.ends(first, "follow_up")
    rosa.rates(4)
    second = about(ana, "Another pot")
    run("update chat set service_id = (select id from service where key = 'plants') where id = %s", (first,))
    run("update chat set escalations = 1 where id = %s", (first,))
    assert found(boss, "pot") == [second, first]
    for operator in (
        "from:agent", "from:Sam", 'from:"sam boss"', "from:me", "agent:sam", "team:orders", 'tag:"not paid"',
        "reason:follow_up", 'reason:"Will be contacted"', "service:plants", "rating:4", "has:rating", "is:mine",
        "is:escalated", f"customer:{rosa.id}",
    ):  # fmt: skip
        assert found(boss, f"pot {operator}") == [first], operator
    assert found(boss, "pot from:customer") == [second, first]
    assert found(boss, "pot cause:agent channel:shop is:ended") == [second, first]
    assert found(boss, "pot is:open") == found(boss, "pot is:bot") == found(boss, "pot has:media") == []
    # without words, the chats themselves
    assert found(boss, 'team:orders tag:"not paid"') == found(boss, "from:sam") == [first]
    assert asked(boss, "team:orders")["items"][0]["hits"] == []
    assert orders


def test_dates_are_those_of_the_words(ana: Colleague) -> None:
    old, new = about(ana, "An old pot"), about(ana, "A new pot")
    let_time_pass(old, 86_400 * 40)
    day = chat_row(old)["ended_at"].date().isoformat()
    assert found(ana, f"pot on:{day}") == found(ana, f"pot before:{chat_row(new)['created_at'].date()}") == [old]
    assert found(ana, f"pot after:{chat_row(new)['created_at'].date()}") == [new]
    assert found(ana, f"on:{day}") == [old]


def test_the_filter_beside_the_words_holds_as_well(ana: Colleague) -> None:
    first, second = about(ana, "A pot"), about(ana, "A pot")
    run("update chat set end_reason = 'time_waster' where id = %s", (first,))
    assert found(ana, "pot", reasons=("time_waster",)) == [first]
    assert found(ana, "pot", customer_id=chat_row(second)["customer_id"]) == [second]


@pytest.mark.parametrize(
    ("q", "code"),
    [
        ("the and of", "only_common_words"),
        ('"to be or not to be"', "only_common_words"),
        ("%", "only_common_words"),
        ("-pot", "only_excluded"),
        ("tag:nowhere pot", "unknown_value"),
        ("customer:rosa", "unknown_value"),
        ("pot before:2026-01-01 after:2026-02-01", "dates_reversed"),
        ("pot on:someday", "bad_date"),
    ],
)
def test_what_cannot_be_used_is_said_and_finds_nothing(q: str, code: str, ana: Colleague) -> None:
    about(ana, "the and of a pot to be or not to be 100%")
    page = asked(ana, q)
    assert (page["items"], problems(page), page["next"]) == ([], [code], None)


def test_half_an_operator_does_not_disturb_the_rest(ana: Colleague) -> None:
    chat_id = about(ana, "A pot")
    page = asked(ana, "pot tag:")
    assert ([each["chat"]["id"] for each in page["items"]], problems(page)) == ([chat_id], ["half_typed"])


@pytest.mark.parametrize(
    "q", ["'", "\\", "pot')", "a & b | !c", "(((", "pot:*", "<->", "\x00pot", "\ud800pot", "'; drop table chat"]
)
def test_no_sign_has_a_meaning_of_its_own(q: str, ana: Colleague) -> None:
    about(ana, "A pot")
    asked(ana, q)
    assert found(ana, "pot")


def test_nothing_typed_finds_nothing(ana: Colleague) -> None:
    about(ana, "A pot")
    assert asked(ana, "  ") == {
        "items": [], "people": [], "problems": [], "corrected": [], "next": None, "searched_to": None,
    }  # fmt: skip


def test_a_time_zone_that_is_none_is_refused(ana: Colleague) -> None:
    for zone in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(Invalid):
            asked(ana, "pot", zone=zone)
    with pytest.raises(Invalid):
        asked(ana, "pot", after="x")


WAYS = {
    "by windows": (0, (3, 5), -1),
    "by larger windows": (0, (7, 7, 7), -1),
    "by index": (99, (), -1),
    "chat by chat": (99, (), 400),
}


@pytest.mark.parametrize("way", WAYS)
def test_pages_join_whichever_way_a_search_goes(way: str, ana: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    seldom, windows, few = WAYS[way]
    monkeypatch.setattr(search, "SELDOM", seldom)
    monkeypatch.setattr(search, "WINDOWS", windows)
    monkeypatch.setattr(search, "FEW_CHATS", few)
    rows("select setval('message_id_seq', last_value + 10000) from message_id_seq")  # years of them, and all have gone
    ids = [about(ana, "A pot", "Another pot") for _ in range(4)]
    other = [about(ana, "A pot", customer=name) for name in ("Otto", "Rosa")]
    # the first one's newest words are the newest of all, but it is not asked for
    run("update chat set end_reason = 'time_waster' where id = any(%s)", ([ids[0], *other],))
    learnt()
    seen: list[int] = []
    after, pages = None, 0
    while True:
        page = asked(ana, "pot ", limit=2, after=after, reasons=("resolved",))
        seen += [each["chat"]["id"] for each in page["items"]]
        assert all(len(each["hits"]) == 2 for each in page["items"])
        after, pages = page["next"], pages + 1
        assert pages < 20
        if after is None:
            break
        assert len(page["items"]) == 2 or page["searched_to"], "who has found little says how far it came"
    assert seen == ids[:0:-1], "each chat once, where its newest words stand"


@pytest.mark.parametrize("seldom", [0, 99])
def test_the_same_is_found_by_reading_and_by_looking_up(
    seldom: int, ana: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SELDOM", seldom)
    first, second = about(ana, "A red pot", "a café"), about(ana, "The pot", "red")
    learnt()
    assert found(ana, "pot") == [second, first]
    assert found(ana, "red pot") == found(ana, '"red pot"') == [first]
    assert found(ana, "pot -red") == [second]
    assert found(ana, "poot cafe ") == []
    assert found(ana, "cafe ") == [first]


def test_a_chat_shows_its_newest_three(ana: Colleague) -> None:
    about(ana, *(f"pot {number}" for number in range(5)))
    (item,) = asked(ana, "pot")["items"]
    assert ["".join(piece["text"] for piece in hit["pieces"]) for hit in item["hits"]] == ["pot 4", "pot 3", "pot 2"]


def test_people_are_found_by_name_and_address() -> None:
    orders, returns = make_team("Orders"), make_team("Returns")
    ana, boss = make_agent("Ana Ruiz", teams=(orders,)), make_agent("Sam Boss", role="supervisor")
    rosa = make_customer("Rosa Lind")
    run("update customer set email = 'rosa@example.com' where id = %s", (rosa.id,))
    chat_id = rosa.waits("Hello", topic="Returns")
    assert returns
    for q in ("rosa", "LIND", "lind rosa", "rosa@example"):
        (person,) = asked(boss, q)["people"]
        assert (person["customer"]["id"], person["chat"]["id"], person["chats"]) == (rosa.id, chat_id, 1)
        assert asked(ana, q)["people"] == []
    assert asked(boss, "rosa otto")["people"] == asked(boss, "%")["people"] == []


def test_words_are_counted_once_and_only_when_nothing_older_can_appear(ana: Colleague) -> None:
    about(ana, "Pots pots POTS")
    assert words.sweep() == 0, "this was written a moment ago"
    learnt()
    assert words.sweep() == 0
    known = {each["word"]: each["uses"] for each in words.rows("select * from word")}
    assert known["pots"] == 3
    assert "joined" not in known


def test_suggestions_complete_what_is_being_typed() -> None:
    make_agent("Ada Lovelace")
    Tag.create(name="not paid", hue=1)
    assert [each["text"] for each in naming.suggestions("fr")["items"]] == ["from:"]
    (tag,) = naming.suggestions("pot tag:pai")["items"]
    assert (tag["text"], tag["label"], tag["start"], tag["end"]) == ('tag:"not paid"', "not paid", 4, 11)
    assert [each["text"] for each in naming.suggestions("from:a")["items"]] == ["from:agent", 'from:"Ada Lovelace"']
    assert [each["text"] for each in naming.suggestions("is:o")["items"]] == ["is:open"]
    assert [each["text"] for each in naming.suggestions("cause:visitor")["items"]] == [
        "cause:visitor_left",
        "cause:visitor_ended",
    ]
    assert "reason:follow_up" in [each["text"] for each in naming.suggestions("reason:contacted")["items"]]
    assert naming.suggestions('"a phrase')["items"] == []
    assert len(naming.suggestions("")["items"]) == naming.SUGGESTED
    assert naming.suggestions("tag:%")["items"] == naming.suggestions("tag:'")["items"] == []
