"""Where the fetcher may go: which URLs are well-formed, which addresses are public.

The check of a URL is pure. The check of addresses sits where a connection is made: `GuardedResolver` sees
every answer of the name service and `guarded_socket` every address just before it is dialled. What is
dialled is therefore what was checked, whatever a redirect, a literal or a second DNS answer says.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from aiohttp import AddrInfoType
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.errors import AddressRefused
from bot.stories.urls import ascii_host

LONGEST_URL: Final = 4_096
"""Code points. Servers refuse more than 8,000 octets (RFC 9110, 4.1, names that as the least to support)."""

_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\\]")
_KEPT: Final = "/?:@!$&'()*+,;=-._~%[]|"

_NAT64: Final = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_NEVER: Final = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b:1::/48",  # NAT64 for local use
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local, deprecated
    )
)
"""Special ranges of the IANA registries that some Python releases call global."""


class PrivateAddress(OSError):
    """A name or literal leads to an address that is not on the public internet."""


def check_url(url: str) -> str:
    """The URL in ASCII, without fragment, fit to be fetched.

    Raises AddressRefused with a sentence where it is not http(s), malformed, or made to be read differently
    by different parsers.
    """
    if len(url) > LONGEST_URL:
        raise AddressRefused(
            f"the address is longer than {LONGEST_URL} characters; no feed needs that", url=url[:200]
        )
    if _UNSAFE.search(url):
        raise AddressRefused(
            "the address holds a space, a control character or a backslash; percent-encode it", url=url
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(f"the address is malformed ({error}); correct it", url=url) from None
    if parts.scheme not in ("http", "https"):
        raise AddressRefused(
            "the address does not start with http:// or https://; only those are fetched", url=url
        )
    if "@" in parts.netloc:
        raise AddressRefused("the address holds a user name or password; Newsbell sends none", url=url)
    if port == 0:
        raise AddressRefused("the address names port 0, which no server can have; correct it", url=url)
    host = ascii_host(parts.hostname or "")
    if host is None:
        raise AddressRefused("the address names no valid host; correct it", url=url)
    authority = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, authority, _quoted(parts.path) or "/", _quoted(parts.query), ""))


def _quoted(text: str) -> str:
    """Percent-encode what is not ASCII; what is encoded already stays byte for byte."""
    if text.isascii() and not re.search(r"[^A-Za-z0-9" + re.escape(_KEPT) + "]", text):
        return text
    return "".join(
        character
        if character in _KEPT or (character.isascii() and character.isalnum())
        else "".join(f"%{octet:02X}" for octet in character.encode())
        for character in text
    )


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether a packet to this address leaves for the public internet.

    Addresses that carry another one (IPv4-mapped, NAT64, 6to4) are judged by what they carry.
    """
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return is_public(carried)
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    number = int(address)
    if address in _NAT64:
        return IPv4Address(number & 0xFFFF_FFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address((number >> 80) & 0xFFFF_FFFF)
    if number >> 32 == 0 and number > 1:  # IPv4-compatible, deprecated
        return IPv4Address(number & 0xFFFF_FFFF)
    return None


def require_public(text: str) -> None:
    """Raise PrivateAddress unless the textual IP address is public."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        raise PrivateAddress(f"{text} is no address") from None
    if not is_public(address):
        raise PrivateAddress(f"{address} is not a public address")


def guarded_socket(target: AddrInfoType) -> socket.socket:
    """A socket for an address that is about to be dialled; raises PrivateAddress for one that is not public."""
    family, kind, protocol, _, address = target
    require_public(str(address[0]))
    return socket.socket(family, kind, protocol)


class GuardedResolver(ThreadedResolver):
    """The system's resolver; one private answer among several spoils them all."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look up a name; raises PrivateAddress where any answer is not public."""
        results = await super().resolve(host, port, family)
        for result in results:
            require_public(result["host"])
        return results
