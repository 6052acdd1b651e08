from __future__ import annotations

import pytest

from models.rules.signing import TOLERANCE_S, Unsigned, key_of, new_secret, sign, verify

SECRET = new_secret(lambda n: bytes(range(n)))
OTHER = new_secret(lambda n: bytes(range(1, n + 1)))
BODY, NOW = b'{"type":"chat.ended"}', 1_790_000_000


def signed(**changes: str) -> dict[str, str]:
    return {**sign(SECRET, "entry_7", NOW, BODY), **changes}


def test_a_signature_is_the_one_that_standard_webhooks_publishes() -> None:
    """The example of the specification: libraries in a dozen languages make the same of it."""
    made = sign(
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        "msg_loFOjxBNrRLzqYUf",
        1731705121,
        b'{"event_type":"ping","data":{"success":true}}',
    )
    assert made["webhook-signature"] == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


@pytest.mark.parametrize("apart", [-TOLERANCE_S, 0, TOLERANCE_S])
def test_what_is_signed_now_is_believed(apart: int) -> None:
    assert verify(SECRET, signed(), BODY, now=NOW + apart) == "entry_7"


def test_one_of_several_signatures_is_enough() -> None:
    both = f"v1,bm90IGl0 v1a,x {signed()['webhook-signature']}"
    assert verify(SECRET, signed(**{"webhook-signature": both}), BODY, now=NOW) == "entry_7"


@pytest.mark.parametrize(
    ("headers", "body", "now", "why"),
    [
        ({}, BODY, NOW + TOLERANCE_S + 1, "old"),
        ({}, BODY, NOW - TOLERANCE_S - 1, "early"),
        ({}, BODY + b" ", NOW, "forged"),
        ({"webhook-id": "entry_8"}, BODY, NOW, "forged"),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, NOW, "forged"),
        ({"webhook-signature": sign(OTHER, "entry_7", NOW, BODY)["webhook-signature"]}, BODY, NOW, "forged"),
        ({"webhook-signature": signed()["webhook-signature"].removeprefix("v1,")}, BODY, NOW, "forged"),
        ({"webhook-signature": signed()["webhook-signature"].replace("v1,", "v2,")}, BODY, NOW, "forged"),
        ({"webhook-signature": "v1,é"}, BODY, NOW, "forged"),
        ({"webhook-signature": " "}, BODY, NOW, "missing"),
        ({"webhook-id": ""}, BODY, NOW, "missing"),
        ({"webhook-id": "x" * 257}, BODY, NOW, "missing"),
        ({"webhook-timestamp": ""}, BODY, NOW, "missing"),
        ({"webhook-timestamp": "-1"}, BODY, NOW, "missing"),
        ({"webhook-timestamp": "1e9"}, BODY, NOW, "missing"),
        ({"webhook-timestamp": "٣"}, BODY, NOW, "missing"),
        ({"webhook-timestamp": "9" * 5000}, BODY, NOW, "early"),
    ],
)
def test_what_is_not_signed_so_is_not_believed(headers: dict[str, str], body: bytes, now: int, why: str) -> None:
    with pytest.raises(Unsigned) as refusal:
        verify(SECRET, signed(**headers), body, now=now)
    assert refusal.value.why == why


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_abc", "whsec_" + "A" * 20, "whsec_" + "A" * 120, "whsec_é"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"secret"):
        key_of(secret)
