"""Every address of the review of failed responses, with a body that its schema takes."""

from __future__ import annotations

from typing import Any

_CLUSTER, _FAILURE = "/api/clusters/<int:cluster_id>", "/api/failures/<int:failure_id>"
_ARTICLE = {"article": {"title": "Refunds", "body": "They take three days."}, "phrasings": ["where is my refund"]}
_SERVICE = {"service": {"name": "Refunds", "answer": "Three days."}, "phrasings": ["where is my refund"]}
_SOON = "2199-01-01T00:00:00Z"

ROUTES: dict[tuple[str, str], Any] = {
    ("GET", "/api/failures"): None,
    ("GET", "/api/failures/map"): None,
    ("GET", "/api/failures/choices"): None,
    ("GET", "/api/failures/figures"): None,
    ("GET", "/api/failures/figures.csv"): None,
    ("POST", "/api/failures/examples/check"): {"service_id": None, "failure_ids": [1]},
    ("GET", "/api/failures/of-message/<int:message_id>"): None,
    ("GET", _FAILURE): None,
    ("POST", f"{_FAILURE}/dismiss"): {"reason": "noise"},
    ("POST", f"{_FAILURE}/resolve"): {"reason": "other"},
    ("POST", f"{_FAILURE}/reopen"): {},
    ("POST", f"{_FAILURE}/place"): {"cluster_id": None},
    ("POST", f"{_FAILURE}/article"): _ARTICLE,
    ("POST", f"{_FAILURE}/service"): _SERVICE,
    ("POST", f"{_FAILURE}/replay"): {},
    ("GET", "/api/replays/<int:replay_id>"): None,
    ("GET", "/api/replays/<int:replay_id>/turns"): None,
    ("POST", "/api/replays/<int:replay_id>/cancel"): {},
    ("GET", "/api/clusters"): None,
    ("GET", "/api/clusters/proposals"): None,
    ("POST", "/api/clusters/proposals/<int:proposal_id>"): {"accept": True},
    ("GET", _CLUSTER): None,
    ("POST", f"{_CLUSTER}/rename"): {"label": "Refunds"},
    ("POST", f"{_CLUSTER}/assign"): {"agent_id": None},
    ("POST", f"{_CLUSTER}/snooze"): {"until": _SOON},
    ("POST", f"{_CLUSTER}/wake"): {},
    ("POST", f"{_CLUSTER}/dismiss"): {"reason": "noise"},
    ("POST", f"{_CLUSTER}/resolve"): {"reason": "other", "note": "Nobody needs this any more."},
    ("POST", f"{_CLUSTER}/reopen"): {},
    ("POST", f"{_CLUSTER}/split"): {"failure_ids": [1]},
    ("POST", f"{_CLUSTER}/merge"): {"other_ids": [2]},
    ("POST", f"{_CLUSTER}/move"): {"failure_ids": [1], "to_id": None},
    ("POST", f"{_CLUSTER}/undo"): {},
    ("POST", f"{_CLUSTER}/article"): _ARTICLE,
    ("POST", f"{_CLUSTER}/service"): _SERVICE,
    ("POST", f"{_CLUSTER}/replay"): {},
}
