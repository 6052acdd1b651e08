"""What somebody types as the address of their website, and which origin it is."""

from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules.sites import origin, origins


@pytest.mark.parametrize(
    ("typed", "is_"),
    [
        ("https://shop.example", "https://shop.example"),
        ("shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example/cart?x=1#top ", "https://shop.example"),
        ("https://shop.example:443/", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://127.0.0.1", "https://127.0.0.1"),
        ("null", "https://null"),  # a host of one's own network, and no keyword of a policy
        ("https://Bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_address_is_read_as_browsers_name_the_site(typed: str, is_: str) -> None:
    assert origin(typed) == is_
    assert origin(is_) == is_


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://",
        "ftp://shop.example",
        "javascript://alert(1)",
        "data:text/html,x",
        "https://*.shop.example",
        "https://me:secret@shop.example",
        "https://shop.example:99999",
        "https://shop.example; script-src *",
        "https://shop example",
        "https://shop.example\\.evil.example",
        "https://[::1",
        "https://-",
        "https://" + "a" * 300,
        "'self'",
    ],
)
def test_what_is_no_website_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        origin(typed)


def test_each_counts_once_and_a_mistake_is_named() -> None:
    assert origins(["shop.example", "https://shop.example/cart", "blog.example"]) == [
        "https://shop.example",
        "https://blog.example",
    ]
    with pytest.raises(Invalid) as refusal:
        origins(["shop.example", "https://*"])
    assert refusal.value.code == "bad_site"
    assert "https://*" in str(refusal.value.detail)
