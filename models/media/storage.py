"""Where files lie: a folder of this machine, or a bucket that speaks S3. PARLEY_MEDIA_URL says which.

A file's name here is a random key and never anything a person wrote. It is written once,
whole or not at all, and never changed.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from models.errors import Busy, NotFound
from models.settings import BadSettings, settings

log = structlog.get_logger()

KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")
PIECE = 64 * 1024  # bytes read at a time
ABANDONED_S = 3600  # what is still being received after so long was left by a process that died

T = TypeVar("T")
Aside = Callable[..., Any]
_aside: Aside | None = None


def aside_through(offload: Aside) -> None:
    """Set how this process does what a disk may hold up. Called once, at start, where many share one thread."""
    global _aside
    _aside = offload


def _beside(work: Callable[..., T], *args: Any) -> T:
    done: T = _aside(work, *args) if _aside is not None else work(*args)
    return done


def new_key() -> str:
    name = secrets.token_hex(32)
    return f"{name[:2]}/{name}"


class Storage(Protocol):
    """What every place for files can do. Keys look like `KEY`; anything else is refused."""

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Keep the file under its key for good: when this returns, a power cut does not take it."""

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """These bytes of a file. Raises `NotFound` at once when there is no such file."""

    def remove(self, key: str) -> None:
        """Forget a file. One that is not there is forgotten already."""

    def receiving(self) -> Path:
        """A folder of this machine for what is just coming in."""


class Disk:
    """A folder. Several machines may share one that is mounted on all of them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: Path, key: str, content_type: str) -> None:
        _beside(self._put, path, self._path(key))

    def _put(self, path: Path, place: Path) -> None:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.chmod(0o600)
        path.rename(place)  # the same file system: there at once, whole, or not at all
        for folder in (place.parent, self.root):
            _sync(folder)

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound() from None
        file.seek(start)
        return self._pieces(file, length)

    @staticmethod
    def _pieces(file: Any, length: int) -> Iterator[bytes]:
        with file:
            while length > 0 and (piece := file.read(min(PIECE, length))):
                length -= len(piece)
                yield piece

    def remove(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def receiving(self) -> Path:
        return self.root / "incoming"

    def _path(self, key: str) -> Path:
        return self.root / _sound(key)


class Bucket:
    """A bucket of S3, or of a server that speaks like it. Credentials come from the environment, as boto3 reads it."""

    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str | None) -> None:
        import boto3
        from botocore.config import Config

        self._bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            config=Config(
                connect_timeout=3,
                read_timeout=15,
                retries={"max_attempts": 3, "mode": "standard"},
                max_pool_connections=20,
                request_checksum_calculation="when_required",  # servers that only speak like S3 often know no other
                response_checksum_validation="when_required",
                s3={"addressing_style": "path" if endpoint else "auto"},
            ),
        )

    def put(self, path: Path, key: str, content_type: str) -> None:
        with _answering(), path.open("rb") as file:
            self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + _sound(key), Body=file, ContentType=content_type
            )

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        with _answering():
            found = self._client.get_object(
                Bucket=self._bucket, Key=self._prefix + _sound(key), Range=f"bytes={start}-{start + length - 1}"
            )
        body = found["Body"]
        return self._pieces(body)

    @staticmethod
    def _pieces(body: Any) -> Iterator[bytes]:
        try:
            yield from body.iter_chunks(PIECE)
        finally:
            body.close()

    def remove(self, key: str) -> None:
        with _answering():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + _sound(key))

    def receiving(self) -> Path:
        return Path(tempfile.gettempdir()) / f"parley-incoming-{os.getuid()}"


@contextmanager
def _answering() -> Iterator[None]:
    """A bucket that has no such file, or does not answer, in our own words."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as fault:
        code = fault.response.get("Error", {}).get("Code", "")
        if code in ("NoSuchKey", "404"):
            raise NotFound() from None
        log.warning("media_storage_refused", code=code)
        raise Busy("Files are out of reach right now. Try again in a moment.", retry_after_ms=5000) from None
    except BotoCoreError as fault:
        log.warning("media_storage_away", fault=type(fault).__name__)
        raise Busy("Files are out of reach right now. Try again in a moment.", retry_after_ms=5000) from None


def _sound(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError("Not a key of ours.")
    return key


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@cache
def storage() -> Storage:
    """The place this desk keeps files in."""
    return at(settings().media_url)


def at(url: str) -> Storage:
    """The place a PARLEY_MEDIA_URL names. Raises `BadSettings` when the library for buckets is not installed."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        root = Path(unquote(parts.path))
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Disk(root)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    try:
        return Bucket(parts.netloc, parts.path.strip("/"), asked.get("endpoint"), asked.get("region"))
    except ImportError:
        raise BadSettings("PARLEY_MEDIA_URL names a bucket; install Parley with its extra: parley[s3].") from None


@contextmanager
def incoming() -> Iterator[Path]:
    """A folder of its own for one file that comes in; whatever happens, nothing of it is left behind."""
    place = storage().receiving()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_abandoned() -> int:
    """Remove what processes that died were still receiving. How many."""
    found = 0
    place = storage().receiving()
    for folder in place.iterdir() if place.is_dir() else ():
        if folder.stat().st_mtime < time.time() - ABANDONED_S:
            shutil.rmtree(folder, ignore_errors=True)
            found += 1
    return found
