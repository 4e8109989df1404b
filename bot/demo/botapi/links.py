"""Which links Telegram accepts in entities and buttons (TDLib, LinkManager.cpp and HttpUrl.cpp)."""

from __future__ import annotations

import re

_OWN_SCHEME = re.compile(r"(tg|ton|tonsite):(?://)?", re.IGNORECASE)
_USER_LINK = re.compile(r"tg:(?://)?user(?=$|[/?#])/?\?(?P<query>[^#]*)", re.IGNORECASE)
_SCHEME = re.compile(r"([^:/?#@\[\]]*)://")
_AUTHORITY = re.compile(r"[^/?#]*")
_HOST_CHARACTERS = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=]|%[0-9A-Fa-f]{2}|[^\x00-\x7f])*")
_MAX_PORT = 65_535


class BadLink(ValueError):
    """The link is none that Telegram takes; `str()` is Telegram's reason."""


def mentioned_user(link: str) -> int | None:
    """The user whom a `tg://user?id=…` link mentions, None for any other link."""
    found = _USER_LINK.match(link)
    if found is None:
        return None
    for parameter in found["query"].split("&"):
        key, _, value = parameter.partition("=")
        if key.lower() == "id":
            return int(value) if value.isascii() and value.isdecimal() else None
    return None


def checked_link(link: str) -> str:
    """The link as Telegram stores it: scheme added, host in small letters, at least "/" after it.

    Raises BadLink.
    """
    own = _OWN_SCHEME.match(link)
    if own is not None:
        return _checked_own_link(own[1].lower(), link[own.end() :])
    scheme, host, port, userinfo, rest = _split(link)
    if "." not in host and not host.startswith("["):
        raise BadLink("Wrong HTTP URL")
    authority = f"{userinfo}@{host}" if userinfo else host
    return f"{scheme}://{authority}{f':{port}' if port else ''}{rest}"


def _checked_own_link(scheme: str, link: str) -> str:
    inner, host, port, userinfo, rest = _split(link)
    if link.lower().startswith("http://") or inner == "https" or userinfo or port or host.startswith("["):
        raise BadLink("Wrong tg URL" if scheme == "tg" else "Wrong ton URL")
    if not re.fullmatch(r"[a-z0-9_.\-]*" if scheme == "tonsite" else r"[a-z0-9_\-]*", host):
        raise BadLink("Unallowed characters in URL host")
    return f"{scheme}://{host}{rest[1:] if rest.startswith('/?') else rest}"


def _split(link: str) -> tuple[str, str, int, str, str]:
    """Scheme, host, port (0: none given), user information, and the rest from its "/" on."""
    named = _SCHEME.match(link)
    scheme = "http" if named is None else named[1].lower()
    if scheme not in {"http", "https"}:
        raise BadLink("Unsupported URL protocol")
    after = link if named is None else link[named.end() :]
    found = _AUTHORITY.match(after)
    authority = "" if found is None else found[0]
    address, port = _split_port(authority)
    userinfo, _, host = address.rpartition("@")
    if not host:
        raise BadLink("URL host is empty")
    if host == ".":
        raise BadLink("Host is invalid")
    if not host.startswith("[") and not _HOST_CHARACTERS.fullmatch(host):
        raise BadLink("Disallowed character in URL host")
    rest = after[len(authority) :].rstrip()
    if not rest.startswith("/"):
        rest = f"/{rest}"
    return scheme, host.lower(), port, userinfo, re.sub(r"[\x00-\x20]", lambda c: f"%{ord(c[0]):02X}", rest)


def _split_port(authority: str) -> tuple[str, int]:
    address, colon, port = authority.rpartition(":")
    if not colon or not address or "]" in port or "@" in port:
        return authority, 0
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:9]) <= _MAX_PORT):
        raise BadLink("Wrong port number specified in the URL")
    return address, int(port)
