from datetime import UTC, datetime

import pytest

from models.rules.regrouping import Change, changes, night_has_passed


def group(*parts: tuple[int | None, range]) -> list[tuple[int, int | None]]:
    return [(number, cluster) for cluster, numbers in parts for number in numbers]


def test_groups_that_are_the_clusters_change_nothing() -> None:
    assert changes({0: group((7, range(10))), 1: group((8, range(10, 15)))}) == []


def test_two_clusters_in_one_group_are_merged_into_the_larger() -> None:
    grouped = {0: group((7, range(4)), (8, range(10, 20))), 1: group((7, range(4, 5)))}
    assert changes(grouped) == [Change("merge", (0, 1, 2, 3), 8, 7)]


def test_a_cluster_in_two_groups_is_split_and_the_larger_part_stays() -> None:
    assert changes({0: group((7, range(10))), 1: group((7, range(10, 15)))}) == [
        Change("split", tuple(range(10, 15)), 7)
    ]


def test_a_part_that_belongs_to_another_cluster_moves_there() -> None:
    grouped = {0: group((7, range(10))), 1: group((8, range(20, 40)), (7, range(10, 14)))}
    assert changes(grouped) == [Change("move", (10, 11, 12, 13), 7, 8)]


@pytest.mark.parametrize("strayed", [1, 2])
def test_small_differences_are_chance(strayed: int) -> None:
    grouped = {0: group((7, range(10))), 1: group((8, range(20, 40)), (7, range(10, 10 + strayed)))}
    assert changes(grouped) == []


def test_singles_open_a_cluster_or_join_the_one_their_group_is() -> None:
    grouped = {
        0: group((None, range(3))),
        1: group((None, range(10, 12))),
        2: group((8, range(20, 30)), (None, range(5, 6))),
    }
    assert changes(grouped) == [Change("open", (0, 1, 2)), Change("join", (5,), None, 8)]


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-05-02T14:00", True),
        ("2026-05-01T02:00", "2026-05-02T00:59", False),
        ("2026-05-01T02:00", "2026-05-02T01:00", True),
        ("2026-05-02T01:00", "2026-05-02T23:00", False),
        ("2026-05-01T02:00", "2026-05-04T13:00", True),
    ],
)
def test_it_is_done_once_a_night(last: str | None, now: str, due: bool) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert night_has_passed(moment(last) if last else None, moment(now)) is due
