"""Law 2, its end: only the delivery tasks call a channel's `send`, and nobody else has one that a provider listens to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sources import Source, broken, python

SENDERS = ("workers/casting.py", "workers/delivering.py")
WORDS_ONLY = {f"models.channels{part}" for part in ("", ".base", ".profile", ".incoming", ".outgoing", ".known")}
"""What a channel is asked and answers, and which there are. Whoever verifies or reads with one does not send."""


def sends_by_itself(source: Source) -> Iterator[str]:
    if source.path in SENDERS or source.path.startswith("models/channels/"):
        return
    for name, node in source.imports():
        module = ".".join(name.split(".")[:3])
        if module.startswith("models.channels.") and module not in WORDS_ONLY:
            yield source.at(node, f"gets hold of a channel by {name}")
    if any(name.startswith("models.channels") for name, _ in source.imports()):
        for call in source.calls():
            if getattr(call.func, "attr", "") in ("send", "amend", "withdraw"):
                yield source.at(call, "sends")


def test_only_the_delivery_tasks_send() -> None:
    found = broken(sends_by_itself, python("models", "web", "workers", "cli"))
    assert not found, (
        f"Whoever sends elsewhere holds a transaction, or a person, across somebody else's network: {found}"
    )


def test_the_sender_still_sends() -> None:
    senders = [source for source in python("workers") if source.path in SENDERS]
    assert {source.path for source in senders} == set(SENDERS)
    for sender in senders:
        assert any(getattr(call.func, "attr", "") == "send" for call in sender.calls())


@pytest.mark.parametrize(
    "planted",
    [
        "from models.channels.web import Web",
        "import models.channels.web",
        "from models.channels.base import Channel\n\ndef f(channel, parcel):\n    channel.send(parcel)",
        "from models.channels.base import Channel\n\ndef f(channel, parcel):\n    channel.withdraw(parcel)",
    ],
)
def test_another_sender_is_seen(planted: str) -> None:
    assert list(sends_by_itself(Source("models/actions/planted.py", planted)))
