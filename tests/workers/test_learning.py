"""Learning on made-up vectors: no model, known geometry."""

from __future__ import annotations

import numpy as np
import pytest

from models.rules.bars import UNMEASURED
from models.rules.learned import Lesson
from workers.bot.learning import learn


def lessons(services: int, each: int, *, spread: float = 0.05, origin: str = "example") -> list[Lesson]:
    """Phrasings of a service lie around an axis of its own."""
    chance = np.random.default_rng(7)
    made = []
    for service in range(services):
        for _ in range(each):
            vector = np.eye(384)[service] + chance.normal(0, spread, 384)
            made.append(Lesson(100 + service, origin, (vector / np.linalg.norm(vector)).tolist()))
    return made


def leads_to(learned, vector) -> int:
    lean = {each.service_id: float(np.dot(each.vector, vector)) + each.bias for each in learned.directions}
    return max(lean, key=lean.__getitem__)


@pytest.mark.parametrize("services", [2, 3, 8])
def test_a_question_leans_to_its_own_service(services: int) -> None:
    learned = learn(lessons(services, 6))
    assert [each.service_id for each in learned.directions] == [100 + each for each in range(services)]
    assert all(leads_to(learned, np.eye(384)[each]) == 100 + each for each in range(services))
    assert learned.accuracy == 1.0


def test_bars_come_from_held_out_phrasings() -> None:
    learned = learn(lessons(5, 8))
    assert learned.examples == 40
    assert 0 < learned.bars.doubt < learned.bars.sure < 1
    assert learned.bars != UNMEASURED


def test_a_services_own_words_teach_and_measure_nothing() -> None:
    learned = learn(lessons(5, 8, origin="own"))
    assert (learned.examples, learned.accuracy, learned.bars) == (0, 0.0, UNMEASURED)
    assert len(learned.directions) == 5


def test_one_service_alone_has_every_vote_and_no_services_have_none() -> None:
    (only,) = learn(lessons(1, 4)).directions
    assert only.bias == 0.0
    assert not any(only.vector)
    assert learn([]).directions == ()


def test_a_service_with_a_single_phrasing_is_learned_too() -> None:
    learned = learn([*lessons(2, 6), Lesson(500, "example", np.eye(384)[300].tolist())])
    assert leads_to(learned, np.eye(384)[300]) == 500


def test_the_same_lessons_teach_the_same() -> None:
    assert learn(lessons(4, 6)) == learn(lessons(4, 6))
