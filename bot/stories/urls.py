"""The one address that all addresses of a page share, so that two links to one page are one link.

Own table, since the maintained libraries (courlan, url-normalize) either bring a crawler's dependencies or
know no tracking parameters. Only what is known to be noise goes: two pages that differ in a parameter that
may carry meaning stay two.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import idna

_LONGEST_URL: Final = 8_192
_LONGEST_HOST: Final = 253
_LONGEST_LABEL: Final = 63
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST: Final = re.compile(r"[a-z0-9._-]+")
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_TO_QUOTE: Final = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]|%(?![0-9A-Fa-f]{2})")

_SAME_SITE: Final = ("www.", "m.", "mobile.", "amp.")
"""First labels under which publishers serve the very pages of the bare host."""

_TRACKING_PREFIXES: Final = ("utm_", "mtm_", "matomo_", "hsa_", "at_custom", "at_link", "guce_referrer")
"""Campaign parameters of Google (utm), Matomo (mtm), HubSpot (hsa), AT Internet (at), Yahoo (guce)."""

_CLICK_IDS: Final = """
    fbclid gclid gclsrc dclid gbraid wbraid srsltid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id
    mc_cid mc_eid mkt_tok oly_anon_id oly_enc_id vero_id vero_conv _openstat mibextid s_kwcid _branch_match_id
    _ga _gl wt_mc wt.mc_id trk trkcampaign spm rb_clickid ml_subscriber ml_subscriber_hash _hsenc _hsmi
    at_campaign at_medium at_format at_bbc_team at_ptr_name ns_campaign ns_mchannel ns_source ns_linkname ns_fee
    pk_campaign pk_kwd pk_source pk_medium pk_content pk_cid piwik_campaign piwik_kwd
"""
"""What ad networks, mail senders and web statistics append, as the filter lists of ad blockers name them."""

_NEWSROOM_MARKS: Final = """
    ocid cmpid ncid xtor ito smid smtyp sr_share soc_src soc_trk guccounter isappinstalled
    amp amp_js_v amp_gsa usqp outputtype
"""
"""Marks of newsrooms' own share buttons, feeds and newsletters, and of Google's AMP viewer."""

_TRACKING: Final = frozenset(_CLICK_IDS.split()) | frozenset(_NEWSROOM_MARKS.split())

_VALUE_DECIDES: Final = frozenset(
    {"source", "src", "ref", "from", "feed", "partner", "medium", "via", "output"}
)
_CHANNELS: Final = """
    rss rss1 rss2 rss20 rss2.0 rssfeed rss_feed atom feed feeds feedburner newsletter amp
    twitter facebook telegram whatsapp linkedin reddit timeline
"""
_NOISE_VALUES: Final = frozenset(_CHANNELS.split())
"""Parameters that may choose a page elsewhere are noise only where they say how the reader came."""


def canonical_url(url: str) -> str | None:
    """The address to compare a page by; None where it is not a valid http(s) URL.

    Always https, lower-case host without `www.` and the like, no default port, no fragment (but `#!` routes
    stay), resolved dot segments, one spelling of percent-encoding, no tracking parameters, parameters in the
    order of their names, no slash at the end. Canonical of canonical is itself.
    """
    url = url.strip()
    if len(url) > _LONGEST_URL or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    host = ascii_host(parts.hostname or "")
    if host is None:
        return None
    authority = _site(host.removesuffix("."))
    if port not in (None, 80, 443):
        authority = f"{authority}:{port}"
    query = _query(parts)
    return f"https://{authority}{_path(parts.path)}{'?' + query if query else ''}{_route(parts.fragment)}"


def ascii_host(host: str) -> str | None:
    """A host in lower-case ASCII (IDNA 2008 after UTS 46), an IPv6 literal in brackets; None where invalid."""
    if ":" in host:
        try:
            return f"[{IPv6Address(host)}]" if "%" not in host else None
        except ValueError:
            return None
    if not host or len(host) > _LONGEST_HOST:
        return None
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    host = host.lower()
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        return None
    labels = host.removesuffix(".").split(".")
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        return None
    return _ipv4(host) if _NUMBER.fullmatch(labels[-1]) else host


def _ipv4(host: str) -> str | None:
    """A host that ends in a number is an IPv4 address (URL Standard, 3.5), here in dotted decimals only."""
    try:
        return str(IPv4Address(host.removesuffix(".")))
    except ValueError:
        return None


def _site(host: str) -> str:
    """The host without the labels that only say which layout of the page is served."""
    while True:
        for label in _SAME_SITE:
            rest = host.removeprefix(label)
            if rest != host and "." in rest and not rest.rsplit(".", 1)[1].isdigit():
                host = rest
                break
        else:
            return host


def _path(path: str) -> str:
    """The path with dot segments resolved (RFC 3986, 5.2.4), one spelling, no slash or AMP mark at its end."""
    kept: list[str] = []
    for segment in _spelt(path).split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    while kept and not kept[0]:
        kept.pop(0)
    while kept and (not kept[-1] or (len(kept) > 1 and kept[-1].lower() == "amp")):
        kept.pop()
    if kept:
        kept[-1] = re.sub(r"(?<=.)\.amp(?=(?:\.html)?$)", "", kept[-1])
    return "/" + "/".join(kept) if kept else "/"


def _query(parts: SplitResult) -> str:
    """The parameters that may choose the page, ordered by name; one name's values keep their order."""
    kept = []
    for parameter in parts.query.split("&"):
        spelt = _spelt(parameter.removeprefix("amp;"))  # what is left of an & that was escaped twice
        name, _, value = spelt.partition("=")
        if spelt and not _is_noise(name.lower(), value.lower()):
            kept.append((name, spelt))
    kept.sort(key=lambda parameter: parameter[0])
    return "&".join(spelt for _, spelt in kept)


def _is_noise(name: str, value: str) -> bool:
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    return name in _VALUE_DECIDES and value in _NOISE_VALUES


def _route(fragment: str) -> str:
    return f"#{_spelt(fragment)}" if fragment.startswith("!") else ""


def _spelt(text: str) -> str:
    """One spelling (RFC 3986, 6.2.2): upper-case escapes, none for unreserved characters, one for all others."""

    def respell(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    escaped = _TO_QUOTE.sub(lambda match: "".join(f"%{octet:02X}" for octet in match[0].encode()), text)
    return _ESCAPE.sub(respell, escaped)
