"""Which new passwords pass, and with which code the others are refused."""

from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules.passwords import check_new

EMAIL, NAME = "ada.lovelace@analytical-engine.org", "Ada King Lovelace"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "twelve chars",
        "ÜberraschtesGürteltier",
        "密码密码很长的一个句子真的很长",
        "x9$kQ2!mZ7&p",
        "x" * 500 + "y" * 524,
        "ada likes long walks",
        "my password is not this one",
    ],
)
def test_a_good_password_passes_in_silence(password: str) -> None:
    check_new(password, email=EMAIL, name=NAME)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_too_short"),
        ("x9$kQ2!mZ7&", "password_too_short"),
        ("xy" * 512 + "z", "password_too_long"),
        ("password1234", "password_common"),
        ("Password2025!", "password_common"),
        ("!!! Welcome !!!", "password_common"),
        ("passwordpassword", "password_common"),
        ("1q2w3e4r5t6y", "password_common"),
        ("123456789012", "password_common"),
        ("098765432109", "password_common"),
        ("abcdefghijklmn", "password_common"),
        ("aaaaaaaaaaaaaa", "password_common"),
        ("abcabcabcabcab", "password_common"),
        ("ada.lovelace@analytical-engine.org", "password_personal"),
        ("ADA.LOVELACE@Analytical-Engine.org", "password_personal"),
        ("ada.lovelace", "password_personal"),
        ("AdaLovelace1815", "password_personal"),
        ("lovelace12345", "password_personal"),
        ("Ada King Lovelace", "password_personal"),
        ("adakinglovelace!", "password_personal"),
        ("analytical-engine", "password_personal"),
    ],
)
def test_a_bad_password_is_refused_by_name(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_new(password, email=EMAIL, name=NAME)
    assert refusal.value.code == code
    assert not password or password not in refusal.value.sentence


def test_without_a_person_only_the_password_counts() -> None:
    check_new("ada.lovelace")
