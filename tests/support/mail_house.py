"""A real IMAP server for tests, with one mailbox in it: mails are laid in, its password changed, its folders renumbered."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
from argparse import Namespace
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import BuiltinHash

from cli import ports

USER, PASSWORD = "desk@fernhill.example", "correct horse"
FILLED: dict[str, Any] = {
    "from_address": USER,
    "from_name": "Fernhill",
    "imap_host": "127.0.0.1",
    "imap_security": "none",
    "user": USER,
    "password": PASSWORD,
    "smtp_host": "127.0.0.1",
    "smtp_security": "none",
    "trusted_server": "mx.fernhill.example",
}
"""How a mailbox is filled in; the two ports are to be added."""

_Got = TypeVar("_Got")


@dataclass
class MailHouse:
    """The mailbox of `USER`. Its server runs in a thread of its own."""

    port: int
    config: Config
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    started: threading.Event = field(default_factory=threading.Event)
    laid: list[tuple[str, bytes, datetime]] = field(default_factory=list)

    def lay_in(self, raw: bytes, folder: str = "INBOX", *, at: datetime | None = None) -> int:
        """A mail arrives. Returns its number."""

        self.laid.append((folder, raw, at or datetime.now(UTC)))

        async def append() -> int:
            box = await (await self._boxes()).get_mailbox(folder)
            message = await box.append(AppendMessage(raw, self.laid[-1][2], frozenset()))
            return message.uid

        return self._do(append())

    def flags(self, folder: str = "INBOX") -> dict[int, set[str]]:
        """Numbers of what lies in a folder, and how each is marked."""

        async def read() -> dict[int, set[str]]:
            box = await (await self._boxes()).get_mailbox(folder)
            return {each.uid: {str(flag) for flag in each.permanent_flags} async for each in box.messages()}

        return self._do(read())

    def renumber(self, folder: str) -> None:
        """The folder is made anew, with the same mails in it under other numbers."""

        self.drop_folder(folder)
        self.new_folder(folder)
        held = [(raw, at) for name, raw, at in self.laid if name == folder]
        for raw, at in held:
            self.lay_in(raw, folder, at=at)

    def new_folder(self, folder: str) -> None:
        async def add() -> None:
            await (await self._boxes()).add_mailbox(folder)

        self._do(add())

    def drop_folder(self, folder: str) -> None:
        async def drop() -> None:
            await (await self._boxes()).delete_mailbox(folder)

        self._do(drop())

    def change_password(self, password: str) -> None:
        self._do(self._set_password(password))

    async def _set_password(self, password: str) -> None:
        hashed = await Passwords(self.config).hash_password(password)
        self._login.users_dict[USER] = UserMetadata(self.config, USER, password=hashed)

    async def _boxes(self) -> Any:
        identity = self._login.demo_user_identity
        async with identity.new_session() as session:
            return session.mailbox_set

    def _do(self, work: Awaitable[_Got]) -> _Got:
        async def wait() -> _Got:
            return await work

        return asyncio.run_coroutine_threadsafe(wait(), self.loop).result(10)

    def run(self, context: ssl.SSLContext | None) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve(context))
        self.loop.close()

    async def _serve(self, context: ssl.SSLContext | None) -> None:
        self._login = Login(self.config)
        await self._set_password(PASSWORD)
        self._over = asyncio.Event()
        answer = IMAPServer(self._login, self.config)

        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.config.apply_context()
            await _READER.get_callback(answer)(reader, writer)

        server = await asyncio.start_server(met, "127.0.0.1", self.port, ssl=context)
        self.started.set()
        await self._over.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)


_READER = ProxyProtocolReader(ProxyProtocolVersion.get(None))


@contextmanager
def mail_house(certificate: Path | None = None) -> Iterator[MailHouse]:
    """An open house on a free port of this machine; with a certificate it speaks TLS from the first byte."""
    args = Namespace(passlib_cfg=None, proxy_protocol=None, inherited_sockets=None, debug=False)
    port = ports.any_free()
    config = Config(
        args,
        host="127.0.0.1",
        port=port,
        tls_enabled=False,
        secure_auth=False,
        invalid_user_sleep=0,
        reject_dnsbl=False,
        demo_data=False,
        demo_user=USER,
        demo_password=PASSWORD,
        hash_context=BuiltinHash(hash_name="sha256", salt_len=8, rounds=1),  # tests sign in by the hundred
    )
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    house = MailHouse(port, config)
    thread = threading.Thread(target=house.run, args=(context,), daemon=True)
    thread.start()
    assert house.started.wait(10)
    try:
        yield house
    finally:
        house.close()
        thread.join(10)


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1, with its key in the same file. Whoever names it as `SSL_CERT_FILE` trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
