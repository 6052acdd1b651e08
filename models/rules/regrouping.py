"""What a grouping from scratch would change about the clusters there are: merge two, split one, move some. Pure.

The clusters keep their numbers; a group of the new grouping only says which failures it would
put together. Small differences are chance and left alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from models.rules.clusters import FEWEST

Kind = Literal["merge", "split", "move", "open", "join"]

MOST_OF = 0.6  # share of a cluster that a group must hold to speak for it, and of a group to be a cluster's own
PART_OF = 0.2  # share of a cluster below which a part is not worth splitting off
HOUR = 1  # of the night, UTC, from which it is done


@dataclass(frozen=True)
class Change:
    """One difference. `failure_ids` go: out of `cluster_id` (None: they are single), to `other_id` (None: a new cluster)."""

    kind: Kind
    failure_ids: tuple[int, ...]
    cluster_id: int | None = None
    other_id: int | None = None


def night_has_passed(last: datetime | None, now: datetime) -> bool:
    """Whether it is time: once a day, in the night, or at once when it was never done."""
    return last is None or (last.date() < now.date() and now.hour >= HOUR)


def changes(grouped: Mapping[int, Sequence[tuple[int, int | None]]]) -> list[Change]:
    """The differences between groups (of failures, each with its cluster) and clusters, merges first.

    No failure and no cluster is part of two changes: after one of them the other may be another matter.
    """
    sizes = Counter(cluster for members in grouped.values() for _, cluster in members if cluster is not None)
    owners = {group: _owner(members, sizes) for group, members in grouped.items()}
    found: list[Change] = []
    merged: set[int] = set()
    for _, members in sorted(grouped.items()):
        whole = [
            cluster
            for cluster, count in sorted(Counter(cluster for _, cluster in members if cluster is not None).items())
            if count >= MOST_OF * sizes[cluster]
        ]
        whole.sort(key=lambda cluster: (-sizes[cluster], cluster))
        for other in whole[1:]:
            going = tuple(number for number, cluster in members if cluster == other)
            found.append(Change("merge", going, whole[0], other))
            merged |= {whole[0], other}
    taken: set[int] = set()
    for group, members in sorted(grouped.items()):
        parts: dict[int | None, list[int]] = defaultdict(list)
        for number, cluster in members:
            parts[cluster].append(number)
        owner = owners[group]
        for cluster, ids in sorted(parts.items(), key=lambda part: (part[0] is not None, part[0] or 0)):
            if cluster is None:
                found += _singles(ids, owner)
            elif cluster != owner and cluster not in merged and cluster not in taken:
                part = _part(ids, cluster, owner if owner not in merged else None, sizes[cluster])
                if part is not None:
                    found.append(part)
                    taken.add(cluster)
    return found


def _singles(ids: Sequence[int], owner: int | None) -> list[Change]:
    if owner is not None:
        return [Change("join", tuple(ids), None, owner)]
    return [Change("open", tuple(ids))] if len(ids) >= FEWEST else []


def _part(ids: Sequence[int], cluster: int, owner: int | None, size: int) -> Change | None:
    """Some of a cluster that belong together elsewhere: with another cluster, or by themselves."""
    if len(ids) < max(FEWEST, PART_OF * size) or size - len(ids) < FEWEST:
        return None
    return Change("move", tuple(ids), cluster, owner) if owner is not None else Change("split", tuple(ids), cluster)


def _owner(members: Sequence[tuple[int, int | None]], sizes: Mapping[int, int]) -> int | None:
    """The cluster that a group is the new shape of: it holds most of the cluster, and most of what is in one is its."""
    counted = Counter(cluster for _, cluster in members if cluster is not None)
    if not counted:
        return None
    cluster, count = max(counted.items(), key=lambda item: (item[1], -item[0]))
    mostly = count >= MOST_OF * sum(counted.values()) and count >= MOST_OF * sizes[cluster]
    return cluster if mostly else None
