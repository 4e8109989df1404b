"""What Telegram finds in a text by itself: mentions, commands, hashtags, addresses, numbers that nobody marked.

A mention notifies the one who is named, so that a headline with `@name` in it rings a stranger's phone. The rules
are TDLib's (MessageEntity.cpp, find_entities), which are those of Telegram's servers as far as they are known; it
searches whether the sender marked anything or not. Of the top-level domains it knows the two-letter ones and the
common long ones are here. Phone numbers only the servers find, by a rule that is not public: here they are numbers
that begin with a plus sign.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from bot.demo.botapi.entities import Entity, utf16_length

_WORD = r"[\p{L}\p{N}_]"
_HASHTAG_LETTER = r"[\p{L}\p{Nd}_\u200c\u00b7\u0d80-\u0dff]"
_NAME = "[A-Za-z0-9_]"
_DOMAIN_SYMBOL = r"(?:[.A-Za-z0-9_\-~\u200c\u200d\u2010-\u2015]|(?![\p{Z}\u2000-\u206f])[\u00c0-\U0010ffff])"
_PATH_SYMBOL = r"(?:[\u200c\u200d\u2010-\u2015]|[^\n<>\"«»\p{Z}\u2000-\u206f])"

_MENTION = regex.compile(rf"(?<!{_WORD})@({_NAME}{{2,32}})(?!{_WORD})")
_COMMAND = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}_/<>])/{_NAME}{{1,64}}+(?:@{_NAME}{{3,32}}+|(?!@))(?![\p{{L}}\p{{N}}_/<>])"
)
_HASHTAG = regex.compile(
    rf"(?<!{_HASHTAG_LETTER})#(?=(?:(?!\p{{L}}){_HASHTAG_LETTER})*\p{{L}})"
    rf"{_HASHTAG_LETTER}{{1,256}}+(?:@{_NAME}{{3,32}})?+(?!{_HASHTAG_LETTER}*\#)"
)
_CASHTAG = regex.compile(
    rf"(?<!\$|{_HASHTAG_LETTER})\$(?:1INCH|[A-Z]{{1,8}}+)(?:@{_NAME}{{3,32}}+)?+(?!\$|{_HASHTAG_LETTER})"
)
_OWN_LINK = regex.compile(rf"(?:tonsite|ton|tg)://[A-Za-z0-9_\-]{{1,253}}+(?:[/?#]{_PATH_SYMBOL}*)?", regex.I)
_EMAIL = regex.compile(
    r"(?<![A-Za-z0-9_.+\-])[A-Za-z0-9_.+\-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9_\-]{0,28}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,8}"
    rf"(?!\.*+{_DOMAIN_SYMBOL})"
)
_URL = regex.compile(
    rf"(?:(?P<scheme>(?:https?|ftp|tonsite)://)|(?<!{_DOMAIN_SYMBOL}|{_WORD}|[/#@]))"
    rf"(?=(?:(?!\.){_DOMAIN_SYMBOL})*+\.)(?P<host>{_DOMAIN_SYMBOL}++)(?::[0-9]{{1,5}})?(?P<path>[/?#]{_PATH_SYMBOL}*)?",
    regex.I,
)
_PHONE = regex.compile(rf"(?<!{_WORD})\+[0-9](?:[ ()\-.]{{0,2}}[0-9]){{6,14}}(?![0-9])")
_CARD = regex.compile(r"(?<![0-9])(?:[0-9]{16,19}(?= )|[0-9][0-9 \-]*+)")

_SHORT_NAMES = frozenset(("gif", "nft", "pic", "ufc", "vid"))
_LONG_DOMAINS = frozenset(
    "com org net info biz name pro mobi asia aero coop museum travel jobs gov edu mil int arpa app dev xyz online site"
    " website top club shop store blog news press media live today world agency company group global email network"
    " cloud tech digital space life team work wiki bank finance energy gold zone москва рус рф 中国 みんな 한국".split()
)
_TRAILING = ".:;,('?!`"


def detect(text: str, marked: tuple[Entity, ...] = ()) -> tuple[Entity, ...]:
    """The entities that Telegram adds to those that the sender marked, in reading order.

    What overlaps a link, code or any other whole of `marked` stays as it was marked; bold and its like do not
    hinder. Of two finds that overlap the first to begin wins, and of those the longer.
    """
    found = sorted(
        (
            Entity(type=kind, offset=utf16_length(text[:start]), length=utf16_length(text[start:end]))
            for kind, start, end in _finds(text)
        ),
        key=Entity.order,
    )
    taken = [(entity.offset, entity.end) for entity in marked if entity.is_whole]
    kept: list[Entity] = []
    last = 0
    for entity in found:
        if entity.offset >= last and all(entity.end <= a or entity.offset >= b for a, b in taken):
            kept.append(entity)
            last = entity.end
    return tuple(kept)


def _finds(text: str) -> Iterator[tuple[str, int, int]]:
    for found in _MENTION.finditer(text):
        if len(found[1]) > 3 or found[1].lower() in _SHORT_NAMES:
            yield "mention", *found.span()
    for kind, pattern in (
        ("bot_command", _COMMAND),
        ("hashtag", _HASHTAG),
        ("cashtag", _CASHTAG),
        ("url", _OWN_LINK),
        ("email", _EMAIL),
        ("phone_number", _PHONE),
    ):
        yield from ((kind, *found.span()) for found in pattern.finditer(text))
    for found in _CARD.finditer(text):
        if _is_card(text, found.start(), found[0].rstrip(" -")):
            yield "bank_card_number", found.start(), found.start() + len(found[0].rstrip(" -"))
    for found in _URL.finditer(text):
        if _is_host(found["host"], named=found["scheme"] is not None):
            end = found.end() if found["path"] else found.start() + len(found[0].rstrip("."))
            yield "url", found.start(), found.start() + len(text[found.start() : end].rstrip(_TRAILING))


def _is_host(host: str, *, named: bool) -> bool:
    """Whether it is a host, `named` as such by a scheme before it (MessageEntity.cpp, fix_url)."""
    parts = host.rstrip(".").split(".")
    if len(parts) < 2 or any(not part or len(part) > 63 or part.endswith("-") for part in parts):
        return False
    if all(part.isascii() and part.isdecimal() for part in parts):
        return len(parts) == 4 and all(len(part) <= 3 and int(part) < 256 for part in parts)
    top = parts[-1]
    if len(top) < 2 or "_" in top or "-" in top.removeprefix("xn--") or "_" in parts[-2]:
        return False
    return named or top.startswith("xn--") or _is_common(top)


def _is_common(top: str) -> bool:
    """Whether it is a top-level domain; one that only begins with a capital is a word after a full stop."""
    lowered = top.lower()
    if lowered != top and lowered[1:] == top[1:]:
        return False
    return (len(top) == 2 and top.isascii() and top.isalpha()) or lowered in _LONG_DOMAINS


def _is_card(text: str, start: int, written: str) -> bool:
    """Whether digits are the number of a bank card: by what stands around them, their sum and their beginning."""
    before, after = text[:start][-1:], text[start + len(written) :][:1]
    if (before and before in ".,+-_") or before.isalpha() or (after and after in "-_") or after.isalpha():
        return False
    digits = [int(character) for character in written if character.isdecimal()]
    if not 13 <= len(digits) <= 19 or len(written) > 2 * len(digits) - 1:
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    if (sum(digits[::-2]) + sum(doubled)) % 10:
        return False
    return len(digits) in _card_lengths("".join(map(str, digits[:4])))


def _card_lengths(beginning: str) -> frozenset[int]:
    """How many digits a number that begins so may have (MessageEntity.cpp, is_valid_bank_card)."""
    if beginning.startswith("4"):
        return frozenset((13, 16, 18, 19))
    if "51" <= beginning[:2] <= "55" or "2221" <= beginning <= "2720" or "2200" <= beginning <= "2204":
        return frozenset((16,))
    if beginning[:2] in {"34", "37"}:
        return frozenset((15,))
    if beginning[:2] in {"62", "81"}:
        return frozenset((16, 17, 18, 19))
    return frozenset(range(13, 20))
