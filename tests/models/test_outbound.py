"""The outbound client against real sockets: canaries that nobody may touch, and servers that misbehave."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models import outbound
from models.outbound import Unanswered, ask
from models.rules.outbound import Target, target
from tests.models.rules.test_outbound import ASKED, NEVER
from tests.support.servers import OK, Server, dribbles, dribbles_body, request_on, resets, says


@pytest.fixture
def served() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def start(*args, **kwargs) -> Server:
        made.append(Server(*args, **kwargs))
        return made[-1]

    yield start
    for each in made:
        each.close()


def here(server: Server, path: str = "/x", *, private: bool = True) -> Target:
    return Target("http", "hook.example", server.port, path, private)


def at(*addresses: str):
    return lambda host, port: list(addresses)


def test_no_forbidden_address_is_ever_connected_to(served) -> None:
    """Canaries on twelve ports of this machine: whatever a name turns out to be, none of them hears of it."""
    canaries = [served(host=host) for host in ["127.0.0.1"] * 6 + ["::1"] * 6]
    for number, address in enumerate(NEVER):
        where = replace(target("https://hook.example/x"), scheme="http", port=canaries[number % 12].port)
        for answers in ([address], [address, ASKED[0]], [ASKED[0], address], [ASKED[0], ASKED[-1], address]):
            with pytest.raises(Unanswered) as fault:
                ask("POST", where, body=b"{}", resolve=at(*answers))
            assert (fault.value.reason, fault.value.left) == ("forbidden_address", False), answers
    time.sleep(0.05)
    assert [each.connections for each in canaries] == [0] * 12

    for canary, address in zip(canaries, ["127.0.0.1"] * 6 + ["::1"] * 6, strict=True):  # and they do hear
        with pytest.raises(Unanswered):
            ask("POST", here(canary), body=b"{}", resolve=at(address))
    assert [each.connections for each in canaries] == [1] * 12


def test_the_address_that_was_looked_at_is_the_one_connected_to(served, monkeypatch) -> None:
    """Rebinding: the name answers publicly once, and with this machine ever after. It is asked once."""
    canary = served(says(OK))
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [ASKED[0]] if len(asked) == 1 else ["127.0.0.1"]

    connected: list[tuple[str, int]] = []

    def noted(address, **kwargs):
        connected.append(address)
        raise OSError

    monkeypatch.setattr(outbound.socket, "create_connection", noted)
    with pytest.raises(Unanswered) as fault:
        ask("POST", here(canary, private=False), resolve=rebinding)
    assert fault.value.reason == "unreachable"
    assert asked == ["hook.example"]
    assert connected == [(ASKED[0], canary.port)]


def test_a_request_names_its_host_and_carries_nothing_of_ours(served, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = served(says(OK))
    answer = ask("POST", here(server), body=b'{"a":1}', headers={"webhook-id": "1"}, resolve=at("127.0.0.1"))
    assert (answer.status, answer.body, answer.whole) == (200, b"ok", True)
    head, _, body = server.seen[0].partition(b"\r\n\r\n")
    lines = {line.split(b":")[0].lower(): line for line in head.split(b"\r\n")}
    assert head.startswith(b"POST /x HTTP/1.1")
    assert lines[b"host"] == f"Host: hook.example:{server.port}".encode()
    assert set(lines) == {b"post /x http/1.1", b"host", b"accept-encoding", b"content-length", b"webhook-id"}
    assert lines[b"accept-encoding"] == b"Accept-Encoding: identity"
    assert body == b'{"a":1}'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(served, status) -> None:
    canary = served(says(OK))
    location = f"Location: http://127.0.0.1:{canary.port}/".encode()
    server = served(says(b"HTTP/1.1 %d Go\r\n%s\r\nContent-Length: 0\r\n\r\n" % (status, location)))
    assert ask("POST", here(server), resolve=at("127.0.0.1")).status == status
    assert canary.connections == 0


def test_no_more_is_read_than_asked_for_and_nothing_unpacked(served) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + b"\x1f\x8b" + b"0" * 3_000_000
    server = served(says(endless))
    answer = ask("GET", here(server), resolve=at("127.0.0.1"))
    assert (len(answer.body), answer.whole) == (outbound.MOST, False)
    assert answer.body.startswith(b"\x1f\x8b0000")


@pytest.mark.parametrize(
    "handler", [lambda connected: time.sleep(3), dribbles, dribbles_body], ids=["hangs", "head", "body"]
)
def test_a_server_that_takes_its_time_is_left(served, handler) -> None:
    began = time.monotonic()
    with pytest.raises(Unanswered) as fault:
        ask("POST", here(served(handler)), resolve=at("127.0.0.1"), whole_s=0.5)
    assert (fault.value.reason, fault.value.left) == ("timeout", True)
    assert time.monotonic() - began < 1.5


def test_a_resolver_that_takes_its_time_is_left() -> None:
    began = time.monotonic()
    with pytest.raises(Unanswered) as fault:
        ask("POST", target("https://hook.example/"), resolve=lambda host, port: time.sleep(3) or [], whole_s=0.3)
    assert (fault.value.reason, fault.value.left) == ("timeout", False)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "handler",
    [
        resets,
        lambda connected: None,
        says(b"no http\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
    ],
    ids=["resets", "hangs up", "babbles", "too many headers"],
)
def test_a_broken_answer_may_have_arrived_all_the_same(served, handler) -> None:
    with pytest.raises(Unanswered) as fault:
        ask("POST", here(served(handler)), body=b"{}", resolve=at("127.0.0.1"))
    assert (fault.value.reason, fault.value.left) == ("broken_off", True)


def test_nobody_there_and_no_such_name(served) -> None:
    server = served()
    server.close()
    with pytest.raises(Unanswered) as fault:
        ask("POST", here(server), resolve=at("127.0.0.1"))
    assert (fault.value.reason, fault.value.left) == ("unreachable", False)

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Unanswered) as fault:
        ask("POST", target("https://hook.example/"), resolve=unknown)
    assert fault.value.reason == "unresolved"


def certificate(folder: Path, name: str) -> Path:
    """A self-signed one for `name`, its key beside it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("name", ["hook.example", "evil.example"])
def test_the_certificate_must_be_that_of_the_name_and_not_of_the_address(served, tmp_path, name) -> None:
    path = certificate(tmp_path, name)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(path)
    named: list[str | None] = []
    ours.sni_callback = lambda _, asked, __: named.append(asked)

    def answers(connected: socket.socket) -> None:
        with suppress(OSError), ours.wrap_socket(connected, server_side=True) as secured:  # whoever distrusts hangs up
            request_on(secured)
            secured.sendall(OK)

    server = served(answers, raw=True)
    where = Target("https", "hook.example", server.port, "/x", private=True)
    trust = ssl.create_default_context(cafile=str(path))
    if name == "hook.example":
        assert ask("POST", where, body=b"{}", resolve=at("127.0.0.1"), trust=trust).status == 200
        with pytest.raises(Unanswered) as fault:  # and whose issuer nobody knows is not believed
            ask("POST", where, body=b"{}", resolve=at("127.0.0.1"))
    else:
        with pytest.raises(Unanswered) as fault:
            ask("POST", where, body=b"{}", resolve=at("127.0.0.1"), trust=trust)
    assert (fault.value.reason, fault.value.left) == ("bad_certificate", False)
    assert set(named) == {"hook.example"}
