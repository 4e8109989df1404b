"""The address that the link of an aggregator, a social network, a mail filter or an archive carries in itself.

Only links of known carriers are read: `?url=` of an unknown site may be anything. Where the target is not written
in the link (feedproxy.google.com, t.co, newer news.google.com links), the link stays what it is. A copy in a web
archive, an AMP cache or a translation proxy is taken for the page that it copies, since it tells the same article.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

_Reader = Callable[[str, str], str | None]
"""Path and query of a carrier's link to the target in it; None where it carries none."""

TAIL_IS_TARGET: Final = frozenset({"urldefense.com", "urldefense.us", "href.li", "anonym.to"})
"""Carriers behind whose address the target's stands bare, query and all, so that its parameters keep their order."""

_PARAMETERS: Final = """
google.*               /url                q url
google.*               /news/url           url
google.*               /scholar_url        url
translate.google.*     /translate          u
news.google.*          /news/url           url
googleadservices.com   /pagead/aclk        adurl
bing.com               /news/apiclick.aspx url
yandex.*               /clck/jsredir       url
yandex.*               /turbo              text
duckduckgo.com         /l                  uddg
youtube.com            /redirect           q
facebook.com           /l.php              u
l.facebook.com         /                   u
lm.facebook.com        /                   u
l.messenger.com        /                   u
l.instagram.com        /                   u
l.threads.net          /                   u
l.threads.com          /                   u
l.workplace.com        /                   u
out.reddit.com         /                   url
t.umblr.com            /redirect           z
vk.com                 /away.php           to
away.vk.com            /away.php           to
ok.ru                  /dk                 st.link
t.me                   /iv                 url
linkedin.com           /redir/redirect     url
linkedin.com           /safety/go          url
x.com                  /i/redirect         url
slack-redir.net        /link               url
getpocket.com          /redirect           url
flipboard.com          /redirect           url
medium.com             /r                  url
medium.com             /m/global-identity  redirecturl
steamcommunity.com     /linkfilter         url u
curseforge.com         /linkout            remoteurl
gate.sc                /                   url
exit.sc                /                   url
pixiv.net              /jump.php           url
link.zhihu.com         /                   target
link.csdn.net          /                   target
link.juejin.cn         /                   target
jianshu.com            /go-wild            url
douban.com             /link2              url
sspai.com              /link               target
oschina.net            /action/gotolink    url
c.pc.qq.com            /                   pfurl url
cr.naver.com           /redirect           u
cc.loginfra.com        /                   u
link.naver.com         /bridge             url
go.redirectingat.com   /                   url
go.skimresources.com   /                   url
redirect.viglink.com   /                   u
click.linksynergy.com  /deeplink           murl
awin1.com              /cread.php          ued p
search.app             /                   link
*.safelinks.protection.outlook.com /       url
urldefense.proofpoint.com /v1/url          u
"""
"""Site (as `hosts` has it), the beginning of the path, the parameters that may hold the target."""

_COUNTRIES: Final = re.compile(r"((?:news\.|translate\.)?(?:google|yandex))\.(?:com|(?:com?\.)?[a-z]{2})")
"""Carriers with a site in every country, which the tables name `google.*`: anybody may have a `google.` elsewhere."""

_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
_ENCODED_TWICE: Final = 2
_DISQUS_MARK: Final = re.compile(r":[\w-]{20,}$")
_LONGEST_NEWS_ID: Final = 4_096
_NEWS_LINK: Final = re.compile(r"/(?:__i/)?(?:rss/)?(?:rd/)?(?:articles|read)/([A-Za-z0-9_-]+)")
_NEWS_HEAD: Final = re.compile(rb'\x08[\x00-\x7f]"(?:([\x00-\x7f])|([\x80-\xff])([\x01-\x7f]))')
_PROOFPOINT: Final = re.compile(r"/v3/__(.+?)__;([A-Za-z0-9_-]*)(?:!.*)?")
_PROOFPOINT_GAP: Final = re.compile(r"\*(?:\*(.))?")
_RUN_LENGTHS: Final = {
    letter: length
    for length, letter in enumerate(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", start=2
    )
}


def carried_url(page: str) -> str | None:
    """The target that a canonical address carries, as written there; None where it is no carrier's.

    The target may be anything; whoever asks must check it.
    """
    authority, _, rest = page.removeprefix("https://").partition("/")
    readers = _readers(authority)
    if not readers:
        return None
    path, _, query = rest.partition("#")[0].partition("?")
    return next((target for reader in readers if (target := reader(f"/{path}", query))), None)


@lru_cache(maxsize=4096)
def _readers(site: str) -> tuple[_Reader, ...]:
    labels = site.split(".")
    keys = [site] + ["*." + ".".join(labels[start:]) for start in range(1, len(labels))]
    if family := _COUNTRIES.fullmatch(site):
        keys.append(f"{family[1]}.*")
    found = [reader for key in keys for reader in _READERS.get(key, ())]
    if site.endswith(".translate.goog"):
        found.append(_translated(site.removesuffix(".translate.goog")))
    return tuple(found)


def _parameter(prefix: str, names: frozenset[str]) -> _Reader:
    def read(path: str, query: str) -> str | None:
        if not f"{path.lower()}/".startswith(prefix.rstrip("/") + "/"):
            return None
        for parameter in query.split("&"):
            name, _, value = parameter.partition("=")
            if name.lower() in names and (target := _address(value)):
                return target
        return None

    return read


def _address(text: str) -> str | None:
    """An address that may be percent-encoded, even twice."""
    for _ in range(_ENCODED_TWICE + 1):
        if _ADDRESS.match(text):
            return text
        text = unquote(text)
    return None


def _in_path(pattern: str, *, scheme: str = "") -> _Reader:
    """What the pattern's groups find in the path is the target, whose query the link has as its own."""
    found = re.compile(pattern, re.IGNORECASE)

    def read(path: str, query: str) -> str | None:
        match = found.fullmatch(path)
        if match is None:
            return None
        target = re.sub(r"^(https?:)/(?!/)", r"\1//", scheme + "".join(match.groups()), flags=re.IGNORECASE)
        return f"{target}?{query}" if query else target

    return read


_turbo = _in_path(r"/(?:turbo/)?([^/]+\.[^/]+)/s(/.*)", scheme="https://")
"""Yandex's reader: the host, an `s`, the path."""


def _translated(encoded: str) -> _Reader:
    """Google's translation proxy writes the host as one label: `-` for a dot, `--` for a hyphen."""
    host = encoded.replace("--", "\0").replace("-", ".").replace("\0", "-")
    return lambda path, query: f"https://{host}{path}?{query}"


def _bing(path: str, query: str) -> str | None:
    """A click on a search result: `u=a1` and the address in base64."""
    coded = (
        re.search(r"(?:^|&)u=a1([A-Za-z0-9_-]{1,4096})(?:&|$)", query) if path.startswith("/ck/a") else None
    )
    return _text(_decoded(coded[1])) if coded else None


def _yahoo(path: str, _query: str) -> str | None:
    carried = re.search(r"/RU=([^/]+)", path)
    return _address(carried[1]) if carried else None


def _google_news(path: str, _query: str) -> str | None:
    """Links of before 2024: a protocol buffer whose fourth field is the address, in base64."""
    link = _NEWS_LINK.fullmatch(path)
    if link is None or len(link[1]) > _LONGEST_NEWS_ID:
        return None
    message = _decoded(link[1])
    head = _NEWS_HEAD.match(message)
    if head is None:
        return None
    length = head[1][0] if head[1] else (head[2][0] & 0x7F) | head[3][0] << 7
    carried = message[head.end() : head.end() + length]
    return _text(carried) if len(carried) == length else None


def _proofpoint_2(path: str, query: str) -> str | None:
    carried = re.search(r"(?:^|&)u=([^&]+)", query) if path.startswith("/v2/url") else None
    return _address(unquote(carried[1].replace("-", "%").replace("_", "/"))) if carried else None


def _proofpoint_3(path: str, query: str) -> str | None:
    """`__address__;letters!`: each `*` stands for a letter, `**` and a sign for a run of them."""
    match = _PROOFPOINT.fullmatch(unquote(f"{path}?{query}" if query else path))
    if match is None:
        return None
    letters = _decoded(match[2]).decode("utf-8", "replace")
    at = 0

    def letter(gap: re.Match[str]) -> str:
        nonlocal at
        start, at = at, at + (_RUN_LENGTHS.get(gap[1], 1) if gap[1] else 1)
        return letters[start:at]

    return _address(_PROOFPOINT_GAP.sub(letter, match[1]))


def _bare(_path: str, query: str) -> str | None:
    return _address(query)


def _disqus(path: str, query: str) -> str | None:
    target = _parameter("/", frozenset({"url"}))(path, query)
    return _DISQUS_MARK.sub("", target) if target else None


def _decoded(coded: str) -> bytes:
    try:
        return urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
    except (binascii.Error, ValueError):
        return b""


def _text(octets: bytes) -> str | None:
    try:
        return _address(octets.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _short_video(path: str, query: str) -> str | None:
    video = re.fullmatch(r"/([\w-]{11})", path)
    return f"https://youtube.com/watch?v={video[1]}&{query}" if video else None


def _table() -> dict[str, tuple[_Reader, ...]]:
    table: dict[str, tuple[_Reader, ...]] = {
        "google.*": (
            _in_path(r"/amp/s/(.+)", scheme="https://"),
            _in_path(r"/amp/(?!s/)([^/]+\.[^/]+(?:/.*)?)", scheme="https://"),
        ),
        "news.google.*": (_google_news,),
        "yandex.*": (_turbo,),
        "youtu.be": (_short_video,),
        "bing.com": (_bing, _in_path(r"/amp/s/(.+)", scheme="https://")),
        "bing-amp.com": (_in_path(r"/[cv]/(?:s/)?([^/]+\.[^/]+(?:/.*)?)", scheme="https://"),),
        "r.search.yahoo.com": (_yahoo,),
        "*.turbopages.org": (_turbo,),
        "web.archive.org": (_in_path(r"/(?:web/)?\d{4,14}(?:[a-z]{2}_)?/(https?:/.+)"),),
        "urldefense.proofpoint.com": (_proofpoint_2,),
        "disq.us": (_disqus,),
    }
    for site in ("urldefense.com", "urldefense.us"):
        table[site] = (_proofpoint_3,)
    for site in ("href.li", "anonym.to"):
        table[site] = (_bare,)
    for site in ("cdn.ampproject.org", "*.cdn.ampproject.org"):
        table[site] = (_in_path(r"/(?:c|v|wp)/(?:s/)?([^/]+\.[^/]+(?:/.*)?)", scheme="https://"),)
    for suffix in ("today", "is", "ph", "li", "md", "fo", "vn"):
        table[f"archive.{suffix}"] = (_in_path(r"/(?:o/\w+|newest|oldest|\d{4,14})/(https?:/.+)"),)
    for line in _PARAMETERS.strip().splitlines():
        site, prefix, *names = line.split()
        table[site] = (*table.get(site, ()), _parameter(prefix, frozenset(names)))
    return table


_READERS: Final = _table()
