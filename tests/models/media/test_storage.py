"""Where files lie: a folder and a bucket do the same, against a real server that speaks S3."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import ports
from models.errors import Busy, NotFound
from models.media import storage as storages
from models.media.storage import KEY, Bucket, Disk, Storage, new_key
from models.settings import BadSettings, read

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "desk", "AWS_SECRET_ACCESS_KEY": "canary-secret-of-the-bucket"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server with one bucket."""
    port = ports.any_free()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/moto-api/", timeout=2).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the S3 server did not start"
                assert server.poll() is None
                time.sleep(0.1)
        made = urllib.request.Request(f"{url}/files", method="PUT")
        urllib.request.urlopen(made, timeout=5).close()
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(params=["disk", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    if request.param == "disk":
        return storages.at((tmp_path / "media").as_uri())
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return storages.at(f"s3://files/desk/one?endpoint={request.getfixturevalue('s3')}&region=eu-central-1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "incoming-file"
    made.write_bytes(b"0123456789" * 20_000)
    return made


def content(place: Storage, key: str, start: int = 0, length: int = 1_000_000) -> bytes:
    return b"".join(place.read(key, start, length))


def test_what_is_put_is_read_whole_and_in_parts(place: Storage, file: Path) -> None:
    key, said = new_key(), file.read_bytes()
    assert KEY.fullmatch(key)
    place.put(file, key, "text/plain")
    assert content(place, key) == said
    assert content(place, key, 5, 10) == said[5:15]
    assert content(place, key, 199_995, 100) == said[199_995:]


def test_what_is_removed_is_gone_and_removing_again_is_nothing(place: Storage, file: Path) -> None:
    key = new_key()
    place.put(file, key, "text/plain")
    place.remove(key)
    with pytest.raises(NotFound):
        content(place, key)
    place.remove(key)
    with pytest.raises(NotFound):
        content(place, new_key())


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a",
        "../../etc/passwd",
        "ab/" + "g" * 64,
        "AB/" + "a" * 64,
        "ab/" + "a" * 63,
        "ab/" + "a" * 64 + "\n",
        "/ab/" + "a" * 64,
    ],
)
def test_nothing_but_a_key_is_a_name(place: Storage, file: Path, key: str) -> None:
    for act in (lambda: place.put(file, key, "x"), lambda: content(place, key), lambda: place.remove(key)):
        with pytest.raises(ValueError, match="key"):
            act()


def test_on_a_disk_a_file_is_nobody_elses_and_moves_in_at_once(tmp_path: Path, file: Path) -> None:
    place, key = storages.at((tmp_path / "media").as_uri()), new_key()
    assert isinstance(place, Disk)
    place.put(file, key, "text/plain")
    assert not file.exists()
    path = place.root / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.root.stat().st_mode) == 0o700


def test_whatever_happens_while_a_file_comes_in_nothing_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = Disk(tmp_path)
    monkeypatch.setattr(storages, "storage", lambda: place)

    def fails() -> None:
        with storages.incoming() as folder:
            (folder / "file").write_bytes(b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert list(place.receiving().iterdir()) == []
    with storages.incoming() as young, storages.incoming() as old:
        os.utime(old, (0, 0))
        assert storages.clear_abandoned() == 1, "a process that died cannot tidy up after itself"
        assert young.exists()
        assert not old.exists()


def test_a_bucket_that_does_not_answer_is_busy_and_tells_no_secret(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    away = storages.at(f"s3://files?endpoint=http://127.0.0.1:{ports.any_free()}&region=eu-central-1")
    assert isinstance(away, Bucket)
    for act in (
        lambda: away.put(file, new_key(), "x"),
        lambda: content(away, new_key()),
        lambda: away.remove(new_key()),
    ):
        with pytest.raises(Busy):
            act()
    said = capfd.readouterr()
    assert "canary-secret" not in said.out + said.err


def test_a_bucket_that_is_not_there_is_busy(s3: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Busy):
        storages.at(f"s3://no-such-bucket?endpoint={s3}&region=eu-central-1").put(file, new_key(), "x")


@pytest.mark.parametrize(
    "url", ["/just/a/path", "file://host/path", "file://", "file:///", "s3:///prefix", "ftp://x/y", "https://x"]
)
def test_an_address_that_is_none_is_said_at_start(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PARLEY_MEDIA_URL", url)
    with pytest.raises(BadSettings, match="PARLEY_MEDIA_URL"):
        read()


def test_without_an_address_files_lie_beside_the_rest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PARLEY_MEDIA_URL")
    monkeypatch.setenv("PARLEY_RUN_DIR", str(tmp_path / "a b"))
    assert read().media_url == (tmp_path / "a b" / "media").as_uri()
    assert isinstance(storages.at(read().media_url), Disk)
    assert (tmp_path / "a b" / "media").is_dir()
