"""Signed Message-IDs and reply addresses: the right answer finds its chat, and every other finds none."""

from __future__ import annotations

import re

import pytest

from models.rules.mail_threads import AgentSigner, Call, Found, Signer, looks_ours, references

OURS = Signer(b"k" * 32, "channel-a")
ADA = "ada@example.com"


def _id(to: str = ADA, chat_id: int = 7, signer: Signer = OURS) -> str:
    return signer.message_id(chat_id=chat_id, mail="delivery-12-0", to=to, domain="fernhill.example")


def test_an_answer_finds_its_chat() -> None:
    found = OURS.answered(ADA, references=["<other@example.com>", _id(), "<newer@example.com>"], recipients=())
    assert found == Found(7, _id())


def test_the_newest_of_ours_counts() -> None:
    assert OURS.answered(ADA, references=[_id(chat_id=7), _id(chat_id=8)], recipients=()) == Found(8, _id(chat_id=8))


def test_sent_again_a_mail_has_the_same_id() -> None:
    assert _id() == _id()
    assert looks_ours(_id())


@pytest.mark.parametrize(
    "forged",
    [
        _id("eve@example.com"),  # one that went to another
        _id(signer=Signer(b"x" * 32, "channel-a")),  # signed with another key
        _id(signer=Signer(b"k" * 32, "channel-b")),  # another channel's
        _id().replace("<p.7.", "<p.8."),  # another chat
        _id().replace("delivery-12", "delivery-13"),
        re.sub(r"\.[a-z2-7]{24}@", "." + "a" * 24 + "@", _id()),
        re.sub(r"\.[a-z2-7]{24}@", ".@", _id()),  # no signature
        "<p.7.delivery-12-0@fernhill.example>",
        "<p.7.delivery-12-0..@fernhill.example>",
        "<chat-7@fernhill.example>",
        "",
    ],
)
def test_a_forged_one_finds_none(forged: str) -> None:
    assert OURS.answered(ADA, references=[forged], recipients=()) is None


def test_letters_of_an_id_may_change_their_case_on_the_way() -> None:
    assert OURS.answered(ADA, references=[_id().upper()], recipients=()) is not None


def test_a_reply_address_finds_its_chat_and_a_forged_one_none() -> None:
    address = OURS.reply_address("desk@fernhill.example", chat_id=7, to=ADA)
    assert address.startswith("desk+r7.")
    assert address.endswith("@fernhill.example")
    assert OURS.answered(ADA, references=(), recipients=["x@y.example", address]) == Found(7)
    assert OURS.answered("eve@example.com", references=(), recipients=[address]) is None
    assert OURS.answered(ADA, references=(), recipients=[address.replace("r7.", "r8.")]) is None
    assert (
        OURS.answered(ADA, references=(), recipients=["desk+r7.@fernhill.example", "desk+r7@fernhill.example"]) is None
    )


def test_a_message_id_is_no_reply_address_and_the_other_way_round() -> None:
    mac = re.search(r"\.([a-z2-7]{24})@", _id())
    assert mac is not None
    assert OURS.answered(ADA, references=(), recipients=[f"desk+r7.{mac[1]}@fernhill.example"]) is None


def test_references_are_read_once_each_and_only_the_newest() -> None:
    assert references("<a@x> <b@x>\r\n <a@x>", "<c@x>") == ["<a@x>", "<b@x>", "<c@x>"]
    assert references("rubbish <no space@x> <@>") == ["<@>"]
    many = references(" ".join(f"<{number}@x>" for number in range(5000)))
    assert len(many) == 30
    assert many[-1] == "<4999@x>"


# --- letters to agents ------------------------------------------------------------------------------------

LETTERS = AgentSigner(
    b"k" * 32, "channel-a"
)  # the very key of the customers' signer: the purpose alone tells them apart
CALL = Call(chat_id=7, agent_id=3, letter_id=12)


def _call_id(call: Call = CALL, signer: AgentSigner = LETTERS) -> str:
    return signer.message_id(call, "fernhill.example")


def test_an_answer_to_a_letter_names_chat_agent_and_letter() -> None:
    assert LETTERS.answered(references=["<x@example.com>", _call_id(), "<y@example.com>"], recipients=()) == CALL
    address = LETTERS.reply_address(CALL, "desk@fernhill.example")
    assert len(address.partition("@")[0]) <= 64
    assert LETTERS.answered(references=(), recipients=["x@y.example", address.upper()]) == CALL
    assert looks_ours(_call_id())


@pytest.mark.parametrize(
    "forged",
    [
        _call_id(signer=AgentSigner(b"x" * 32, "channel-a")),
        _call_id(signer=AgentSigner(b"k" * 32, "channel-b")),
        _call_id().replace("<a.7.", "<a.8."),
        _call_id().replace("<a.7.3.", "<a.7.4."),
        _call_id().replace("<a.7.3.12.", "<a.7.3.13."),
        _id(),
        re.sub(r"^<p\.7\.[^.]+\.", "<a.7.3.12.", _id()),
        LETTERS.reply_address(CALL, "desk@fernhill.example"),
    ],
    ids=["key", "channel", "chat", "agent", "letter", "a customer's", "a customer's, renamed", "an address"],
)
def test_no_other_signature_is_an_agents(forged: str) -> None:
    assert LETTERS.answered(references=[forged], recipients=[]) is None


def test_an_agents_signature_is_no_customers() -> None:
    tag = LETTERS.reply_address(CALL, "desk@fernhill.example")
    renamed = re.sub(r"^<a\.7\.3\.12\.", "<p.7.12.", _call_id())
    assert (
        OURS.answered(ADA, references=[_call_id(), renamed], recipients=[tag, tag.replace("+a7.3.12.", "+r7.")]) is None
    )
    reply = OURS.reply_address("desk@fernhill.example", chat_id=7, to=ADA)
    assert LETTERS.answered(references=(), recipients=[reply, reply.replace("+r7.", "+a7.3.12.")]) is None
