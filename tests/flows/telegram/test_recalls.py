"""What agents delete or edit is deleted or edited in Telegram too: after the message itself, once, and never in silence."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import deliveries
from models.db import rows, run
from models.errors import Conflict
from tests.support import files
from tests.support.people import Colleague, make_agent
from tests.support.telegram import BotApi
from tests.support.telegram_desk import everything_goes_out, owned, time_passes, without_waiting
from workers import delivering


@pytest.fixture
def owner() -> Colleague:
    return make_agent()


@pytest.fixture
def chat_id(api: BotApi, shop: int, owner: Colleague) -> int:
    number = owned(owner, shop)
    api.asked.clear()
    api.shown.clear()
    return number


def seen(api: BotApi) -> list[str]:
    return list(api.shown.values())


def methods(api: BotApi) -> list[str]:
    return [method for method, _, _ in api.asked]


def correction() -> dict[str, Any]:
    (last, *_) = rows(
        "select d.id, d.state, d.code, d.error from delivery d join message m on m.id = d.message_id"
        " where m.kind = 'event' and m.data ->> 'event' in ('message_deleted', 'message_edited') order by d.id desc"
    )
    return last


def test_a_deleted_message_is_deleted_there(api: BotApi, owner: Colleague, chat_id: int) -> None:
    said = owner.says(chat_id, "The code is 1234.")
    owner.says(chat_id, "Anything else?")
    everything_goes_out()
    owner.deletes(said)
    assert correction()["state"] == "queued"
    everything_goes_out()
    assert seen(api) == ["Anything else?"]
    assert correction() | {"id": 0} == {"id": 0, "state": "sent", "code": None, "error": None}


def test_every_part_of_it_is(api: BotApi, owner: Colleague, chat_id: int) -> None:
    said = owner.says(chat_id, "A" * 4000 + "\n\n" + "B" * 4000)
    everything_goes_out()
    assert len(seen(api)) == 2
    owner.deletes(said)
    everything_goes_out()
    assert seen(api) == []


def test_one_that_has_not_left_never_does_and_nothing_is_asked_for(api: BotApi, owner: Colleague, chat_id: int) -> None:
    owner.deletes(owner.says(chat_id, "Wrong window."))
    everything_goes_out()
    assert api.asked == []
    assert correction()["state"] == "sent"


def test_it_never_gets_there_before_the_message_itself(api: BotApi, owner: Colleague, chat_id: int) -> None:
    """The message is in hand when it is deleted, and Telegram asks for a pause: it goes again first."""
    said = owner.says(chat_id, "The code is 1234.")
    without_waiting()
    claim = deliveries.claim()
    assert claim.claimed is not None
    owner.deletes(said)
    without_waiting()
    delivering.deliver(slice_s=0.2)
    assert api.asked == [], "the line is held by what is in hand"
    delivering._hand_over(claim.claimed, delivering.CHANNELS)
    assert seen(api) == ["The code is 1234."]
    everything_goes_out()
    assert seen(api) == []
    assert methods(api) == ["sendMessage", "deleteMessage"]


def test_what_telegram_will_not_delete_ends_in_a_clear_state_and_can_be_tried_again(
    api: BotApi, owner: Colleague, chat_id: int
) -> None:
    said = owner.says(chat_id, "The code is 1234.")
    everything_goes_out()
    api.script = ["400 Bad Request: message can't be deleted"]
    owner.deletes(said)
    everything_goes_out()
    failed = correction()
    assert failed["state"] == "failed"
    assert failed["error"] == "Bad Request: message can't be deleted"
    owner.says(chat_id, "Next.")
    everything_goes_out()
    assert seen(api) == ["The code is 1234.", "Next."], "and nobody waits behind it"
    deliveries.retried(owner.viewer, failed["id"])
    everything_goes_out()
    assert seen(api) == ["Next."]


def test_two_days_later_telegram_is_not_asked_any_more(api: BotApi, owner: Colleague, chat_id: int) -> None:
    said = owner.says(chat_id, "The code is 1234.")
    everything_goes_out()
    run("update delivery set settled_at = settled_at - interval '49 hours' where settled_at is not null")
    owner.deletes(said)
    everything_goes_out()
    assert (correction()["state"], correction()["code"]) == ("failed", "too_late")
    assert methods(api) == ["sendMessage"]


@pytest.mark.parametrize("trouble", ["200 then reset", "429 30", "500 no"])
def test_a_line_that_breaks_is_tried_again_and_what_is_gone_is_gone(
    api: BotApi, owner: Colleague, chat_id: int, trouble: str
) -> None:
    said = owner.says(chat_id, "The code is 1234.")
    everything_goes_out()
    api.script = [trouble]
    owner.deletes(said)
    everything_goes_out()
    assert correction()["state"] == "queued", "what broke off is asked for again, not unknown"
    time_passes(40)
    everything_goes_out()
    assert seen(api) == []
    assert correction()["state"] == "sent"


def test_a_worker_that_dies_with_it_in_hand_loses_nothing(api: BotApi, owner: Colleague, chat_id: int) -> None:
    said = owner.says(chat_id, "The code is 1234.")
    everything_goes_out()
    owner.deletes(said)
    without_waiting()
    assert deliveries.claim().claimed is not None
    time_passes(60)
    delivering.sweep()
    everything_goes_out()
    assert seen(api) == []


def test_what_may_have_arrived_cannot_be_found_there(api: BotApi, owner: Colleague, chat_id: int) -> None:
    api.script = ["200 then reset"]
    said = owner.says(chat_id, "The code is 1234.")
    everything_goes_out()
    owner.deletes(said)
    everything_goes_out()
    assert correction()["state"] == "failed"
    assert "not known whether" in correction()["error"]


def test_edited_words_change_there(api: BotApi, owner: Colleague, chat_id: int) -> None:
    said = owner.says(chat_id, "It comes on Mondai.")
    everything_goes_out()
    owner.edits(said, "It comes on Monday.")
    everything_goes_out()
    assert seen(api) == ["It comes on Monday."]
    assert correction()["state"] == "sent"
    early = owner.says(chat_id, "Bey.")
    owner.edits(early, "Bye.")
    everything_goes_out()
    assert api.arrived[-1].text == "Bye.", "what had not left goes out as it is now"
    assert correction()["state"] == "sent", "and what says so already is no failure"


def test_words_under_a_picture_are_edited_where_they_stand(api: BotApi, owner: Colleague, chat_id: int) -> None:
    picture = owner.uploads(files.picture(), "receipt.jpg")
    said = owner.says(chat_id, "Your recipt", attachment_ids=[picture])
    everything_goes_out()
    owner.edits(said, "Your receipt")
    everything_goes_out()
    assert seen(api) == ["Your receipt"]
    assert methods(api)[-1] == "editMessageCaption"


def test_words_that_do_not_fit_into_what_went_out_are_refused_beforehand(owner: Colleague, chat_id: int) -> None:
    said = owner.says(chat_id, "Short.")
    everything_goes_out()
    with pytest.raises(Conflict) as refused:
        owner.edits(said, "A" * 5000)
    assert refused.value.code == "already_sent"


def test_what_cannot_be_corrected_there_has_no_delivery(api: BotApi, shop: int, owner: Colleague, chat_id: int) -> None:
    """On a channel that cannot, the message stays at the customer's: nothing is pretended."""
    said = owner.says(chat_id, "The code is 1234.")
    everything_goes_out()
    run("update channel set kind = 'whatsapp' where id = %s", (shop,))
    before = rows("select id from delivery")
    with pytest.raises(Conflict) as refused:
        owner.edits(said, "The code is 5678.")
    assert refused.value.code == "already_sent"
    owner.deletes(said)
    assert rows("select id from delivery") == before
