from datetime import UTC, datetime, timedelta

import pytest

from models.errors import Conflict
from models.rules import clusters, drafting, failure_map, grouping, keywords, suggesting
from models.rules.answering import Answer, Miss, Settled
from models.rules.clusters import Deed, Numbers, Proof, Status
from models.rules.replaying import Asked, outcome

NOW = datetime(2026, 5, 20, tzinfo=UTC)


def numbers(
    people: int = 10, week: int = 5, before: int = 5, quiet_days: int = 0, failures: int | None = None
) -> Numbers:
    seen = NOW - timedelta(days=quiet_days)
    return Numbers(failures or people, people, week, before, NOW - timedelta(days=30), seen)


def test_impact_grows_with_people_and_growth_and_fades_with_silence() -> None:
    usual = clusters.impact(numbers(), NOW)
    assert clusters.impact(numbers(people=30), NOW) > usual
    assert clusters.impact(numbers(week=12), NOW) > usual > clusters.impact(numbers(week=1), NOW)
    assert clusters.impact(numbers(quiet_days=28), NOW) < usual / 2
    assert clusters.impact(numbers(failures=20), NOW) > usual, "one who asks again and again counts, but less"
    assert 0 <= clusters.impact(numbers(people=10**6), NOW) <= 100


@pytest.mark.parametrize(("week", "before", "said"), [(6, 4, 0.5), (2, 4, -0.5), (0, 4, -1.0), (3, 0, None)])
def test_the_trend_is_against_the_week_before(week: int, before: int, said: float | None) -> None:
    assert clusters.trend(week, before) == said


@pytest.mark.parametrize("status", Status)
def test_what_was_merged_away_takes_no_decision(status: Status) -> None:
    assert any(clusters.fits(deed, status) for deed in Deed) == (status is not Status.MERGED)


@pytest.mark.parametrize(
    ("proof", "note", "said"),
    [
        (Proof(8, 2, 0), "", True),
        (Proof(799, 201, 0), "", None),
        (Proof(10, 0, 1), "", None),
        (None, "too short", None),
        (None, "The shop does not sell this any more.", False),
    ],
)
def test_resolved_takes_a_proof_or_a_reason(proof: Proof | None, note: str, said: bool | None) -> None:
    if said is None:
        with pytest.raises(Conflict, match="not_proved"):
            clusters.require_proof(proof, 80, note)
    else:
        assert clusters.require_proof(proof, 80, note) is said


def test_average_linkage_around_one_looks_at_pairs_of_groups() -> None:
    chain = [[1, 0.9, 0.2], [0.9, 1, 0.9], [0.2, 0.9, 1]]
    assert grouping.together(chain, 0.55) == [0, 1, 2]
    assert grouping.together(chain, 0.6) == [0, 1]
    assert grouping.together([[1, 0.1], [0.1, 1]], 0.5) == [0]


def test_the_label_is_short_and_central() -> None:
    vectors = [[1.0, 0.0], [0.99, 0.1], [1.0, 0.01], [0.0, 1.0]]
    texts = ["I would like to know where my order is please", "order?", "Where is my order now?", "hi"]
    assert texts[grouping.most_central(vectors, texts)] == "Where is my order now?"


def test_keywords_are_what_others_do_not_say() -> None:
    here = ["Where is my refund?", "refund not arrived", "When do I get the refund for my order"]
    elsewhere = ["Where is my order?", "order late", "cancel my order", "my order is wrong"]
    everywhere = keywords.counted([*here, *elsewhere])
    found = keywords.keywords(here, everywhere, 7)
    assert found[0] == "refund"
    assert "order" not in found


def test_the_map_keeps_a_gap_and_a_failure_stays_within_its_cluster() -> None:
    taken = [(0.0, 0.0), (1.0, 0.0)]
    place = failure_map.room((0.1, 0.1), taken)
    assert all((place[0] - x) ** 2 + (place[1] - y) ** 2 >= 1 for x, y in taken)
    vector, middle = [1.0, 0.0, 0.0], [0.6, 0.8, 0.0]
    x, y = failure_map.around(place, vector, middle, 0.6)
    assert (x - place[0]) ** 2 + (y - place[1]) ** 2 <= failure_map.RADIUS**2 + 1e-9
    assert failure_map.around(place, vector, middle, 0.6) == (x, y)


def test_a_draft_is_made_of_sentences_that_are_about_the_matter() -> None:
    said = drafting.sentences(
        [
            (1, "Hello Ana! I've looked it up. We deliver within the United Kingdom only. Which order is it?"),
            (2, "Thanks."),
        ]
    )
    assert [each.text for each in said] == ["We deliver within the United Kingdom only."]
    twice = [
        drafting.Sentence(text, number, 0)
        for number, text in enumerate(["We deliver there.", "We do deliver there.", "It costs 5."])
    ]
    chosen = drafting.chosen(twice, [[1.0, 0.0], [0.99, 0.1], [0.0, 1.0]])
    assert [each.text for each in chosen] in (
        ["We deliver there.", "It costs 5."],
        ["We do deliver there.", "It costs 5."],
    )


def test_confidences_share_what_is_known() -> None:
    assert suggesting.confidences(0.8, 0.5, [0.6, 0.2, 0.1]) == pytest.approx([0.5, 0.2, 0.1])
    assert suggesting.confidences(0.3, 0.6, [0.6]) == [0.3], "the first is never surer than that there is one"
    assert suggesting.article_confidence(0.52) == pytest.approx(0.8, abs=0.01)


ANSWER = Answer("Three days.", [("service", 4, "Refunds")])


@pytest.mark.parametrize(
    ("verdict", "asked", "said"),
    [
        (ANSWER, Asked(), "fixed"),
        (ANSWER, Asked(wanted=frozenset({("service", 4)})), "fixed"),
        (ANSWER, Asked(wanted=frozenset({("article", 4)})), "failing"),
        (ANSWER, Asked(useless=("service", 4)), "failing"),
        (Answer("Which?", [("service", 4, "Refunds")], unsure=True), Asked(), "failing"),
        (Answer("Hello!"), Asked(), "failing"),
        (Miss("what", "low_confidence"), Asked(), "failing"),
        (Settled(), Asked(), "failing"),
        (ANSWER, Asked(good=("service", 4)), "kept"),
        (ANSWER, Asked(good=("service", 5)), "broken"),
        (Miss("what", "low_confidence"), Asked(good=("service", 4)), "broken"),
    ],
)
def test_what_a_replayed_question_comes_to(verdict, asked: Asked, said: str) -> None:
    assert outcome(verdict, asked) == said
