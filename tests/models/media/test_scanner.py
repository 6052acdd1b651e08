"""The virus scanner: found, not found, away, slow, or talking nonsense. Only "not found" lets a file through."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli import ports
from models.actions import uploads
from models.db import rows
from models.errors import Busy, DeskError, Invalid
from models.media import scanner
from models.media.storage import incoming
from models.queries import media
from models.settings import BadSettings, read, settings
from tests.support import files, people


class Clamd:
    """A scanner that speaks INSTREAM and knows one virus."""

    def __init__(self, listener: socket.socket, answer: Callable[[bytes], bytes | None]) -> None:
        self.seen: list[bytes] = []
        self._listener, self._answer = listener, answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as words:
            assert words.read(10) == b"zINSTREAM\0"
            content = b""
            while size := int.from_bytes(words.read(4)):
                content += words.read(size)
            self.seen.append(content)
            answer = self._answer(content)
            if answer is None:
                time.sleep(5)
            else:
                line.sendall(answer)


def honest(content: bytes) -> bytes:
    return b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if files.EICAR in content else b"stream: OK\0"


@contextmanager
def clamd(monkeypatch: pytest.MonkeyPatch, answer: Callable[[bytes], bytes | None] = honest) -> Iterator[Clamd]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        use(monkeypatch, f"clamd://127.0.0.1:{listener.getsockname()[1]}")
        yield Clamd(listener, answer)


def use(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    changed = dataclasses.replace(settings(), scanner=address)
    monkeypatch.setattr(scanner, "settings", lambda: changed)
    monkeypatch.setattr(scanner, "ANSWER_S", 1.0)


def upload(data: bytes, name: str = "a.txt") -> dict[str, object]:
    people.open_desk()
    visitor = people.make_customer().visitor
    with incoming() as folder:
        named = uploads.announced(visitor, name)
        (folder / "file").write_bytes(data)
        return uploads.received(visitor, named, folder, folder / "file")


def test_what_the_scanner_lets_through_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    with clamd(monkeypatch) as server:
        assert upload(b"hello")["scanned"] is True
        assert server.seen == [b"hello"]
        assert media.limits()["scanned"] is True


def test_a_large_file_arrives_there_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    with clamd(monkeypatch) as server:
        upload(b"a" * 5_242_880)
        assert len(server.seen[0]) == 5_242_880


def test_a_virus_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    with clamd(monkeypatch), pytest.raises(Invalid) as refused:
        upload(b"Dear all, " + files.EICAR)
    assert refused.value.code == "infected"
    assert not rows("select 1 from attachment")
    assert not rows("select 1 from media_trash")


def test_it_sees_the_file_as_it_came_and_not_as_it_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with clamd(monkeypatch), pytest.raises(Invalid, match="infected"):
        upload(files.picture(30, 20) + files.EICAR, "p.jpg")


@pytest.mark.parametrize(
    "answer",
    [
        lambda content: None,
        lambda content: b"",
        lambda content: b"\0",
        lambda content: b"OK\0",
        lambda content: b"stream: OK and more\0",
        lambda content: b"not stream: OK\0",
        lambda content: b"INSTREAM size limit exceeded. ERROR\0",
        lambda content: b"\xff" * 5000,
        lambda content: b"stream: OK",
    ],
    ids=["hangs", "hangs up", "nothing", "half", "more", "other", "too large", "noise", "no end"],
)
def test_whatever_is_no_clear_word_stores_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[bytes], bytes | None]
) -> None:
    with clamd(monkeypatch, answer):
        started = time.monotonic()
        if answer(b"") == b"stream: OK":  # said, and then hung up: that is a clear word
            assert upload(b"hello")["scanned"] is True
            return
        with pytest.raises(Busy) as refused:
            upload(b"hello")
        assert time.monotonic() - started < 4
    assert (refused.value.code, refused.value.detail["retry_after_ms"]) == ("scanner_away", 10_000)
    assert not rows("select 1 from attachment")


@pytest.mark.parametrize("address", ["clamd://127.0.0.1:{port}", "clamd+unix:///nowhere/clamd.sock"])
def test_a_scanner_that_is_away_stores_nothing(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    use(monkeypatch, address.format(port=ports.any_free()))
    with pytest.raises(DeskError) as refused:
        upload(b"hello")
    assert refused.value.code == "scanner_away"
    assert not rows("select 1 from attachment")


def test_it_may_be_a_socket_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "clamd.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        use(monkeypatch, f"clamd+unix://{path}")
        Clamd(listener, honest)
        assert upload(b"hello")["scanned"] is True


def test_without_one_files_are_taken_and_nobody_says_they_were_looked_at() -> None:
    assert upload(b"hello")["scanned"] is False
    assert media.limits()["scanned"] is False


@pytest.mark.parametrize("address", ["clamd://", "http://clamd:3310", "clamd", "clamd+unix://", "unix:///x"])
def test_an_address_that_is_none_is_said_at_start(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("PARLEY_SCANNER", address)
    with pytest.raises(BadSettings, match="PARLEY_SCANNER"):
        read()
