"""What failures would do to a service as its examples: repeat what it has, or pull another service's questions over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.db import rows
from models.queries.access import Permission, Viewer
from models.queries.shapes import Out

REPEATS = 0.92  # cosine from which an example teaches nothing that another one does not

_NEAREST = """
select f.id, f.text, own.text as own_text, own.likeness as own, other.text as other_text, other.likeness as other,
       other.service_id, other.name as service_name
from failed_response f
left join lateral (
    select p.text, 1 - (p.embedding <=> f.embedding) as likeness from service_phrase p
    where p.service_id = %(service)s and p.embedding is not null
    order by p.embedding <=> f.embedding limit 1) own on true
left join lateral (
    select p.text, s.id as service_id, s.name, 1 - (p.embedding <=> f.embedding) as likeness
    from service_phrase p join service s on s.id = p.service_id
    where s.enabled and p.embedding is not null and s.id is distinct from %(service)s
    order by p.embedding <=> f.embedding limit 1) other on true
where f.id = any(%(failures)s) and f.embedding is not null
order by f.id
"""

_AMONG = """
select a.id, b.text, 1 - (a.embedding <=> b.embedding) as likeness
from failed_response a join failed_response b on b.id < a.id and b.id = any(%(failures)s) and b.embedding is not null
where a.id = any(%(failures)s) and a.embedding is not null and 1 - (a.embedding <=> b.embedding) >= %(repeats)s
"""
COMPARED = 200  # failures compared with each other: a screen offers no more as examples


def check(viewer: Viewer, *, service_id: int | None, failure_ids: Sequence[int]) -> Out:
    """An `ExampleCheck`. Of two failures that repeat each other the earlier one is fresh."""
    viewer.require(Permission.FAILURE_REVIEW)
    wanted = sorted(set(failure_ids))[:COMPARED]
    params: dict[str, Any] = {"service": service_id, "failures": wanted, "repeats": REPEATS}
    duplicates, pulls, fresh = [], [], []
    repeated: dict[int, dict[str, Any]] = {}
    for each in rows(_AMONG, params):
        if each["id"] not in repeated or each["likeness"] > repeated[each["id"]]["likeness"]:
            repeated[each["id"]] = each
    for each in rows(_NEAREST, params):
        like = repeated.get(each["id"])
        if each["own"] is not None and each["own"] >= REPEATS and (like is None or each["own"] > like["likeness"]):
            like = {"text": each["own_text"], "likeness": each["own"]}
        pulled = each["other"] is not None and each["other"] > (each["own"] if each["own"] is not None else 0.6)
        if like is not None:
            duplicates.append(
                {"failure_id": each["id"], "text": each["text"], "like": like["text"], "likeness": like["likeness"]}
            )
        if pulled:
            pulls.append(
                {
                    "failure_id": each["id"],
                    "text": each["text"],
                    "service": {"id": each["service_id"], "title": each["service_name"]},
                    "likeness": each["other"],
                    "own_likeness": each["own"],
                }
            )
        if like is None and not pulled:
            fresh.append(each["id"])
    return {"duplicates": duplicates, "pulls": pulls, "fresh": fresh}
