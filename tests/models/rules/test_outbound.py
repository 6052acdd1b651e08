from __future__ import annotations

import pytest

from models.errors import Invalid
from models.rules.outbound import not_asked, target

REFUSED = """
ftp://example.com/ file:///etc/passwd gopher://example.com/ dict://example.com:11211/ unix:///run/redis.sock
javascript:alert(1) //example.com/ example.com /hooks https:// https:///x http://example.com/ http://example.com:443/
https://example.com:22/ https://example.com:6379/ https://example.com:8080/ https://example.com:0/ https://example.com:99999/
https://example.com:http/ https://ada@example.com/ https://ada:secret@example.com/ https://example.com@127.0.0.1/
https://127.0.0.1#@example.com/ https://example.com#@127.0.0.1/ https://example.com/\\@127.0.0.1 https://example.com\\.evil.example/
https://desk.example/ https://DESK.example./ https://desk.example:8443/x
https://127.0.0.1/ https://127.0.0.1./ https://127.1/ https://127.0.1/ https://2130706433/ https://0x7f000001/ https://0x7f.0.0.1/
https://017700000001/ https://0177.0.0.1/ https://127.0.0.01/ https://0/ https://0.0.0.0/ https://1.2.3/ https://1.2.3.4.5/
https://256.1.1.1/ https://10.0.0.1/ https://169.254.169.254/latest/meta-data https://192.168.1.1:8443/
https://[::1]/ https://[::]/ https://[fe80::1%25eth0]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[64:ff9b::7f00:1]/
https://[2002:7f00:1::]/ https://[fc00::1]/ https://[::127.0.0.1]/ https://[v1.x]/ https://[::1/
https://１２７.０.０.１/ https://127。0。0。1/ https://①②⑦.0.0.1/ https://127.0.0.1%00.example.com/ https://127.0.0.1%2eexample.com/
https://exa_mple..com/ https://-example.com/ https://example-.com/ https://ⓓⓔⓢⓚ.example/
""".split()
ODD = [
    "",
    " https://example.com/",
    "https://example.com/ x",
    "https://exa\tmple.com/",
    "https://example.com/\r\nX-Evil: 1",
    "https://example.com/\x00",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 127 + "example/",
    "https://example.com/" + "x" * 2000,
]


@pytest.mark.parametrize("url", [*REFUSED, *ODD])
def test_what_is_no_plain_public_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        target(url, own_hosts=("desk.example",))
    assert refusal.value.code == "bad_url"
    assert set(refusal.value.detail["fields"]) == {"url"}


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "header"),
    [
        ("https://example.com", "example.com", 443, "/", "example.com"),
        ("https://Example.COM./hooks?a=1&b=%20", "example.com", 443, "/hooks?a=1&b=%20", "example.com"),
        ("https://example.com:443/x", "example.com", 443, "/x", "example.com"),
        ("https://example.com:8443/x", "example.com", 8443, "/x", "example.com:8443"),
        ("https://example.com:80/x", "example.com", 80, "/x", "example.com:80"),
        ("https://bücher.example/ä", "xn--bcher-kva.example", 443, "/%C3%A4", "xn--bcher-kva.example"),
        ("https://8.8.8.8/x", "8.8.8.8", 443, "/x", "8.8.8.8"),
        ("https://[2606:4700:0:0::1111]:8443/x", "2606:4700::1111", 8443, "/x", "[2606:4700::1111]:8443"),
        ("https://my_hook.example.com/@ada", "my_hook.example.com", 443, "/@ada", "my_hook.example.com"),
    ],
)
def test_a_public_address_is_read(url: str, host: str, port: int, path: str, header: str) -> None:
    found = target(url, own_hosts=("desk.example",))
    assert (found.host, found.port, found.path, found.host_header) == (host, port, path, header)
    assert not found.private


def test_a_host_the_operator_named_may_be_anywhere() -> None:
    hosts = {"127.0.0.1", "crm.internal"}
    assert target("http://127.0.0.1:9123/x", private_hosts=hosts).private
    assert target("http://CRM.internal/", private_hosts=hosts).port == 80
    with pytest.raises(Invalid):
        target("http://127.0.0.2:9123/x", private_hosts=hosts)
    with pytest.raises(Invalid):
        target("http://evil-crm.internal/", private_hosts=hosts)


NEVER = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 169.254.0.1 169.254.169.254
172.16.0.0 172.31.255.255 192.0.0.1 192.0.0.9 192.0.0.255 192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
::1 :: ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 fc00::1 fdff::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 64:ff9b::7f00:1
64:ff9b::808:808 64:ff9b:1::1 2001::1 2001:10::1 2001:db8::1 2002:7f00:: 2002:7f00:1::1 2002:808:808::1 3fff::1 5f00::1 100::1
""".split()  # fmt: skip
ASKED = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 169.255.0.0
172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2a00:1450::1
""".split()


@pytest.mark.parametrize(
    "address", [*NEVER, "", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4/8", "[::1]"]
)
def test_an_address_that_is_not_public_is_never_asked(address: str) -> None:
    assert not_asked(address)


@pytest.mark.parametrize("address", ASKED)
def test_a_public_address_may_be_asked(address: str) -> None:
    assert not_asked(address) is None
