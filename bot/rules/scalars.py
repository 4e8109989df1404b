"""What a single value of a rules file means: each reader takes a node and gives the value, or says what is wrong.

Every reader raises Mistake. Text is taken as it is written, so that `any: [2024, no, true]` holds three terms.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.rules.countries import is_country
from bot.rules.definitions import Term, TermKind
from bot.rules.expressions import check_regex
from bot.rules.findings import Mistake, brief, did_you_mean, listed, quoted
from bot.rules.languages import CODES, SLIPS
from bot.rules.syntax import NAME, parse_term
from bot.rules.yaml_nodes import ScalarNode

EVERY_RULE: Final = "all"
"""What a channel writes in place of a list of rules; no rule can be called so."""

LONGEST_DURATION: Final = timedelta(days=3650)
LONGEST_SENTENCE: Final = 150
"""Characters of another module's sentence, which may repeat a term of any length."""

Choice = TypeVar("Choice", bound=StrEnum)

GREATEST_COUNT: Final = 1_000_000
WORST_RANK: Final = 9
MOST_EDITS: Final = 20
LONGEST_URL: Final = 2048
GREATEST_CHAT: Final = 2**52
"""Telegram's ids have at most 52 significant bits (https://core.telegram.org/bots/api#chat)."""

GREATEST_THREAD: Final = 2**31 - 1

_DURATION: Final = re.compile(
    r"(?:([0-9]{1,9})w)?(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?"
)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_CHAT_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_CHAT_LINK: Final = re.compile(r"(?:https?://)?(?:t|telegram)\.me/([A-Za-z][A-Za-z0-9_]{3,31})/?")
_CHAT_ID: Final = re.compile(r"-?[1-9][0-9]{0,18}")


def found(value: object) -> str:
    """What stands in the file, as a sentence names it."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if not isinstance(value, ScalarNode):
        return quoted(str(value))
    match value.value:
        case None:
            return quoted(value.text) if value.text else "nothing"
        case bool():
            return quoted(value.text)
        case int() | float():
            return f"the number {quoted(value.text)}"
        case _:
            return f"the text {quoted(value.text)}" if value.text.strip() else "an empty text"


def read_version(value: object) -> int:
    """The version of the file's format."""
    version = _whole(value, "the version 1", "write `version: 1`")
    if version != 1:
        raise Mistake(
            f"version {version} of the rules file is not known here", "write `version: 1`, or update Newsbell"
        )
    return version


def read_text(value: object) -> str:
    """One line of text, as a title or a name."""
    text = " ".join(_text(value, "text").split())
    if not text:
        raise Mistake("the text is empty", "write something, or remove the key")
    return text


def read_passage(value: object) -> str:
    """Text of any length."""
    text = _text(value, "text")
    if not text.strip():
        raise Mistake("the text is empty", "write what an article might say")
    return text


def read_name(value: object) -> str:
    """The name of a rule, an entity or a list."""
    name = _text(value, "a name")
    if not NAME.fullmatch(name):
        raise Mistake(f"{quoted(name)} is no name", "use only a-z, 0-9 and `-`, as in `rare-earth`")
    return name


def read_rule_id(value: object) -> str:
    """The id of a rule where it is defined."""
    name = read_name(value)
    if name == EVERY_RULE:
        raise Mistake(
            "`all` cannot be the id of a rule, because channels say it for every rule", "choose another id"
        )
    return name


def read_term(value: object) -> Term:
    """A term of a rule or an entity."""
    text = _text(value, "a term")
    try:
        term = parse_term(text)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise Mistake(brief(what, LONGEST_SENTENCE), brief(remedy, LONGEST_SENTENCE)) from error
    problem = check_regex(term.text) if term.kind is TermKind.REGEX else None
    if problem:
        remedy = "mend the expression, or write `=` before it if the text itself is meant"
        raise Mistake(brief(problem, LONGEST_SENTENCE), remedy)
    return term


def read_duration(value: object) -> timedelta:
    """A duration of at least one second, such as 30s, 5m, 24h, 90d or 1h30m."""
    duration = read_delay(value)
    if not duration:
        text = _text(value, "a duration")
        raise Mistake(f"the duration {quoted(text)} is too short", "write one second (`1s`) or more")
    return duration


def read_delay(value: object) -> timedelta:
    """A duration that may be none at all (`0s`)."""
    text = _text(value, "a duration")
    try:
        duration = _duration(text)
    except ValueError as error:
        remedy = "write a number with s, m, h, d or w, such as `30s`, `5m`, `24h`, `90d` or `1h30m`"
        is_number = re.fullmatch("[0-9]+", text)
        what = f"the duration {quoted(text)} has no unit" if is_number else f"{quoted(text)} is no duration"
        raise Mistake(what, remedy) from error
    if duration > LONGEST_DURATION:
        raise Mistake(
            f"the duration {quoted(text)} is too long", f"write {LONGEST_DURATION.days} days or less"
        )
    return duration


def read_edit_delay(value: object) -> timedelta:
    """How long a message stands before it is edited for the first time."""
    return _duration_within(value, "1s", "1d")


def read_silence(value: object) -> timedelta:
    """How long a story must be silent to have ended."""
    return _duration_within(value, "1h", "14d")


def read_expiry(value: object) -> timedelta:
    """How long an alert may wait to be sent before it is old news."""
    return _duration_within(value, "1m", "30d")


def read_count(value: object) -> int:
    """A whole number from 0."""
    return _whole_within(value, 0, GREATEST_COUNT)


def read_positive(value: object) -> int:
    """A whole number from 1."""
    return _whole_within(value, 1, GREATEST_COUNT)


def read_rank(value: object) -> int:
    """How much a source is trusted, the most first."""
    return _whole_within(value, 1, WORST_RANK)


def read_edits(value: object) -> int:
    """How often a message may be edited."""
    return _whole_within(value, 0, MOST_EDITS)


def read_amount(value: object) -> float:
    """A number above 0, whole or not."""
    remedy = "write it without quotes, such as `2` or `1.5`"
    amount = value.value if isinstance(value, ScalarNode) else None
    if not isinstance(amount, int | float) or isinstance(amount, bool) or math.isnan(amount):
        raise Mistake(f"{found(value)} stands where a number is wanted", remedy)
    if not 0 < amount <= GREATEST_COUNT:
        raise Mistake(
            f"{found(value)} is out of range", f"write one above 0 and not above {GREATEST_COUNT:,}"
        )
    return float(amount)


def choice_of(choices: type[Choice]) -> Callable[[object], Choice]:
    """A reader of one of a few words."""

    def read_choice(value: object) -> Choice:
        words = [choice.value for choice in choices]
        word = _text(value, "one of a few words")
        if word not in words:
            raise Mistake(
                f"{quoted(word)} cannot stand here",
                did_you_mean(word, words) or f"write one of {listed(words)}",
            )
        return choices(word)

    return read_choice


def read_thread(value: object) -> int:
    """The id of a forum topic."""
    remedy = "write the number at the end of the topic's link, without quotes"
    thread = _whole(value, "the number of a forum topic", remedy)
    if not 1 <= thread <= GREATEST_THREAD:
        raise Mistake(f"{thread} is no number of a forum topic", remedy)
    return thread


def read_flag(value: object) -> bool:
    """`true` or `false`."""
    flag = value.value if isinstance(value, ScalarNode) else None
    if not isinstance(flag, bool):
        raise Mistake(
            f"{found(value)} stands where true or false is wanted", "write `true` or `false`, without quotes"
        )
    return flag


def read_timezone(value: object) -> ZoneInfo:
    """A time zone by its IANA name."""
    name = _text(value, "a time zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        known = available_timezones()
        remedy = (
            did_you_mean(name, known, likeness=0.8)
            or "write an IANA name, such as `Europe/Istanbul` or `UTC`"
        )
        if not known:
            remedy = "install your system's time zones (the package tzdata)"
        raise Mistake(f"the time zone {quoted(name)} is not known", remedy) from error


def read_country(value: object) -> str:
    """The code of a country by ISO 3166-1 alpha-2."""
    code = _text(value, "the code of a country")
    if is_country(code):
        return code
    remedy = "write two capital letters of ISO 3166, such as `TR`"
    if is_country(code.upper()):
        remedy = f"write {quoted(code.upper())}"
    raise Mistake(f"{quoted(code)} is no code of a country", remedy)


def read_language(value: object) -> str:
    """A language tag, by its form."""
    tag = _text(value, "a language")
    if not _LANGUAGE.fullmatch(tag):
        raise Mistake(f"{quoted(tag)} is no language tag", "write a code such as `en`, `tr` or `zh-Hant`")
    return tag


def read_language_code(value: object) -> str:
    """A language by ISO 639-1, without region and script."""
    code = _text(value, "the code of a language")
    if code in CODES:
        return code
    remedy = "write two small letters of ISO 639-1, such as `en`, `tr` or `zh`"
    short = re.split("[-_]", code.strip().lower())[0]
    nearest = SLIPS.get(short, short)
    if nearest in CODES and _LANGUAGE.fullmatch(code.replace("_", "-")):
        remedy = f"write {quoted(nearest)}"
    raise Mistake(f"{quoted(code)} is no code of a language", remedy)


def read_path(value: object) -> str:
    """The path of a further rules file."""
    path = _text(value, "the path of a file").strip()
    if not path:
        raise Mistake("the path is empty", "write the path of a rules file, from this file's folder on")
    return path


def read_url(value: object) -> str:
    """The address of a feed or an article. Sentences do not repeat it, for it may hold a password."""
    url = _text(value, "an address")
    if len(url) > LONGEST_URL:
        raise Mistake(f"the address has {len(url):,} characters", f"write one of at most {LONGEST_URL:,}")
    if any(char.isspace() or char == "\\" or not char.isprintable() for char in url):
        raise Mistake(
            "the address holds a space, a backslash or an invisible character",
            "write each as %XX, or remove it",
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Mistake(
            "the address has a malformed host or port", "copy it once more from the browser"
        ) from error
    if "@" in parts.netloc:
        raise Mistake(
            "the address holds a user name or password", "remove all from `//` to `@`; such feeds are refused"
        )
    if parts.scheme not in {"http", "https"}:
        raise Mistake(
            "the address is not one of http or https",
            "write it whole, as in `https://example.org/rss.xml`",
        )
    if not host or port == 0:
        raise Mistake("the address names no server", "write it whole, as in `https://example.org/rss.xml`")
    return url


def read_chat(value: object) -> str:
    """A chat: "@name" or a decimal id."""
    chat = _text(value, "a chat")
    if chat.startswith("@") and _CHAT_NAME.fullmatch(chat[1:]):
        return chat
    if _CHAT_ID.fullmatch(chat) and abs(int(chat)) < GREATEST_CHAT:
        return chat
    link = _CHAT_LINK.fullmatch(chat)
    if link or _CHAT_NAME.fullmatch(chat):
        name = link[1] if link else chat
        raise Mistake(f"{quoted(chat)} is no chat", f'write "@{name}", in quotes')
    remedy = (
        'write "@name" in quotes (4 to 32 letters, digits and _), or the numeric id, such as -1001234567890'
    )
    raise Mistake(f"{quoted(chat)} is no chat", remedy)


def _text(value: object, wanted: str) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, ScalarNode):
        raise Mistake(
            f"{found(value)} stands where {wanted} is wanted",
            f"write {wanted}; quote it if it holds any of `[ ] {{ }} :`",
        )
    if value.value is None:
        remedy = (
            "put it in quotes if the word is meant" if value.text else f"write {wanted}, or remove the line"
        )
        raise Mistake(f"{found(value)} stands where {wanted} is wanted", remedy)
    return value.text


def _duration(text: str) -> timedelta:
    """A duration as it is written, however long; ValueError where the text is none."""
    match = _DURATION.fullmatch(text)
    if not match or not text:
        raise ValueError(text)
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return timedelta.max


def _duration_within(value: object, least: str, most: str) -> timedelta:
    """A duration between two others, which are given as a rules file would have them."""
    duration = read_duration(value)
    if not _duration(least) <= duration <= _duration(most):
        text = _text(value, "a duration")
        raise Mistake(f"the duration {quoted(text)} is out of range", f"write one from `{least}` to `{most}`")
    return duration


def _whole_within(value: object, least: int, most: int) -> int:
    number = _whole(value, "a whole number", "write it without quotes and unit, such as `3`")
    if not least <= number <= most:
        raise Mistake(f"the number {number} is out of range", f"write one from {least} to {most:,}")
    return number


def _whole(value: object, wanted: str, remedy: str) -> int:
    number = value.value if isinstance(value, ScalarNode) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise Mistake(f"{found(value)} stands where {wanted} is wanted", remedy)
    return number
