import pytest

from models.rules import browsers


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                " Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Mobile Safari on iOS",
        ),
        ("curl/8.5.0", "curl"),
        ("", None),
        ("<script>alert(1)</script>" * 100, None),
    ],
)
def test_a_browser_is_named_as_people_name_it(header: str, said: str | None) -> None:
    assert browsers.name(header) == said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                " Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/126.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung SM-G991B",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
            None,
        ),
        ("curl/8.5.0", None),
        ("", None),
    ],
)
def test_a_device_is_named_when_it_is_not_just_a_computer(header: str, said: str | None) -> None:
    assert browsers.device(header) == said
