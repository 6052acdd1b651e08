"""Which addresses that people give us may be asked, and which machines those may turn out to be.

Pure: a URL in, a target out; an IP address in, why it is not asked out. Who resolves and connects is
`models/outbound.py`, which asks both.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna

from models.errors import Invalid

PORTS = (443, 80, 8443)
URL_MOST = 2_000  # characters

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_DEFAULT_PORTS = {"https": 443, "http": 80}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"^`{|}]")

# Global as the registries see it, and still no place of its own: relays, translators and tunnels, behind which
# any other address may stand, and protocol assignments.
_DETOURS = tuple(
    ipaddress.ip_network(each)
    for each in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
    )
)
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")  # all that was ever given out


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, read from a URL: `host` is what is resolved, certified and named in the request."""

    scheme: str
    host: str  # lower case, ASCII, without a dot at its end; an IPv6 address without its brackets
    port: int
    path: str  # with its query
    private: bool = False  # the operator allows this host whatever its address is

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if _DEFAULT_PORTS[self.scheme] == self.port else f"{name}:{self.port}"


def target(url: str, *, own_hosts: Collection[str] = (), private_hosts: Collection[str] = ()) -> Target:
    """Read an address that somebody gave us. Raises `Invalid` (`bad_url`) with what is wrong with it.

    `own_hosts` are the desk's own names, which are never asked. A host that the operator named in `private_hosts`
    may speak plain HTTP, listen on any port and be anywhere.
    """
    if len(url) > URL_MOST:
        raise _bad(f"At most {URL_MOST:,} characters.")
    if not url or _UNSAFE.search(url):
        raise _bad("Enter a whole address, like https://example.com/hooks.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad("The address cannot be read.") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
        raise _bad("The address must begin with https://.")
    if "@" in parts.netloc:
        raise _bad("No user name or password in the address.")
    if "#" in url:
        raise _bad("No # in the address.")
    host = read_host(parts.hostname or "", bracketed="[" in parts.netloc)
    private = host in private_hosts
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if not private:
        if parts.scheme == "http":
            raise _bad("The address must begin with https://.")
        if port not in PORTS:
            raise _bad(f"Only the ports {', '.join(map(str, PORTS))} are asked.")
        if host in own_hosts:
            raise _bad("This is the desk itself.")
        if _is_address(host) and (why := not_asked(host)):
            raise _bad(f"This address is not asked: it is {why}.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~[]")
    return Target(
        parts.scheme, host, port, path + (f"?{quote(parts.query, safe=_QUERY)}" if parts.query else ""), private
    )


_QUERY = "/?%:@!$&'()*+,;=-._~[]"


def read_host(name: str, *, bracketed: bool) -> str:
    """The one way to write this host, or `Invalid`: what resolvers read in several ways is not read at all."""
    if bracketed:
        try:
            return ipaddress.IPv6Address(name).compressed
        except ValueError:
            raise _bad("The host cannot be read.") from None
    try:
        plain = idna.encode(name, uts46=True).decode() if not name.isascii() else name.lower()
    except idna.IDNAError:
        raise _bad("The host cannot be read.") from None
    plain = plain.removesuffix(".")
    if not _HOST.fullmatch(plain):
        raise _bad("The host cannot be read.")
    if _looks_like_number(plain.rpartition(".")[2]):
        try:
            return str(
                ipaddress.IPv4Address(plain)
            )  # four decimal numbers: 127.1, 0x7f000001 and 017700000001 are none
        except ValueError:
            raise _bad("Write an IP address as four decimal numbers.") from None
    return plain


def _looks_like_number(label: str) -> bool:
    return bool(re.fullmatch(r"[0-9]+|0x[0-9a-f]*", label))


def _is_address(host: str) -> bool:
    return ":" in host or _looks_like_number(host.rpartition(".")[2])


def not_asked(address: str) -> str | None:
    """Why nothing is sent to this IP address, in two or three words; None: it may be asked."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "no address"
    if getattr(found, "scope_id", None):
        return "on this network alone"
    if found.is_loopback:
        return "this machine itself"
    if found.is_multicast:
        return "not one machine"
    if any(found in detour for detour in _DETOURS if detour.version == found.version):
        return "a way to somewhere else"
    if not found.is_global or (found.version == 6 and found not in _PUBLIC_V6):
        return "not on the public internet"
    return None


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, code="bad_url", fields={"url": [sentence]})
