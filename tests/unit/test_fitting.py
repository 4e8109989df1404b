"""Messages fitted to what Telegram takes, judged by the demo's Bot API server, which counts as TDLib does."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import regex
from builders import NOON
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.alerts.conditions import condition_notice
from bot.alerts.digest import backlog_digest, gathered
from bot.alerts.fitting import MAX_TEXT, MAX_URL, UNTITLED, fitted, is_link
from bot.alerts.notice import notice
from bot.alerts.rendering import Style, render, render_development
from bot.demo.botapi.detection import detect
from bot.demo.botapi.entities import Entity, FormattedText, read_entities, tidy
from bot.models import (
    Alert,
    Backlog,
    Condition,
    ConditionKind,
    Earlier,
    EntityKind,
    Headline,
    Held,
    Lead,
    Message,
    MessagePart,
    Place,
    Reason,
    TextEntity,
)

BOLD, ITALIC, LINK = EntityKind.BOLD, EntityKind.ITALIC, EntityKind.TEXT_LINK
URL = "https://wire.example/1"
FAMILY = "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿"
TOWER = "Z" + "\u0301" * 60

WILD = st.lists(
    st.one_of(
        st.characters(),  # lone surrogates as well
        st.sampled_from(
            [
                *(
                    "\x00",
                    "\r",
                    "\r\n",
                    "\n",
                    "\t",
                    " ",
                    "\u2028",
                    "\u202e",
                    "\u2067",
                    "\u200b",
                    "\u200d",
                    "\u2800",
                ),
                *(
                    "\ud83d",
                    "\ude00",
                    "\ud83d\ude00",
                    "😀",
                    "🇹🇷",
                    "🇨",
                    FAMILY,
                    TOWER,
                    "a\u030a",
                    "\u0600",
                    "\u1100",
                ),
                *("@admin", "/ban", "#tag", "$TSLA", "evil.com", "http://evil.com/x", "10.0.0.1", "a@b.com"),
                *(
                    "+90 212 555 0000",
                    "4111 1111 1111 1111",
                    "البريكس",
                    "שלום",
                    "稀土",
                    "क्षि",
                    "</b>",
                    "tg://x",
                ),
            ]
        ),
    ),
    max_size=40,
).map("".join)
"""Text of every kind that a feed may bring, and some that none should."""

LONG = st.tuples(WILD, st.integers(min_value=1, max_value=400)).map(lambda wild: (wild[0] + "x") * wild[1])
URLS = st.one_of(
    st.just(URL), st.just("http://intranet/"), WILD.map(lambda text: f"https://wire.example/{text}"), WILD
)
ENTITIES = st.lists(
    st.builds(
        TextEntity,
        kind=st.sampled_from(EntityKind),
        offset=st.integers(min_value=-5, max_value=5000),
        length=st.integers(min_value=-5, max_value=5000),
        url=st.one_of(st.none(), URLS),
    ),
    max_size=8,
).map(tuple)
TITLES = st.one_of(WILD, LONG)


def taken(message: Message) -> FormattedText:
    """The message as Telegram keeps it; raises Refusal where Telegram would."""
    given_entities = [
        {"type": e.kind.value, "offset": e.offset, "length": e.length, "url": e.url} for e in message.entities
    ]
    formatted = FormattedText(text=message.text, entities=read_entities(given_entities))
    return tidy(formatted, limit=4096, too_long="message is too long")


def spans(entities: tuple[Entity, ...]) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.offset, entity.length) for entity in entities]


def edges(text: str) -> set[int]:
    """The offsets in UTF-16 code units between which a reader sees one character."""
    return {len(text[: g.start()].encode("utf-16-le")) // 2 for g in regex.finditer(r"\X", text)} | {
        len(text.encode("utf-16-le")) // 2
    }


def assert_taken_unchanged(message: Message) -> None:
    kept = taken(message)
    assert kept.text == message.text
    assert spans(kept.entities) == [(e.kind.value, e.offset, e.length) for e in message.entities]
    assert len(message.text.encode("utf-16-le")) // 2 <= MAX_TEXT


def bold(text: str, offset: int, length: int) -> Message:
    return Message(text=text, entities=(TextEntity(kind=BOLD, offset=offset, length=length),))


# Text.


@given(st.one_of(WILD, LONG), ENTITIES)
@example("\r", ())
@example("\ud83d", ())
@example(TOWER * 100, ())
@example("🇹🇷" * 2000, ())
@example("a" + "\u0301" * 9000, ())
def test_telegram_takes_any_text_as_it_was_fitted(text: str, entities: tuple[TextEntity, ...]) -> None:
    message = fitted(Message(text=text, entities=entities))
    assert taken(message).text == message.text
    assert len(message.text.encode("utf-16-le")) // 2 <= MAX_TEXT


@given(st.one_of(WILD, LONG), ENTITIES)
def test_what_fits_is_left_as_it_is(text: str, entities: tuple[TextEntity, ...]) -> None:
    message = fitted(Message(text=text, entities=entities))
    assert fitted(message) == message


def test_a_text_of_just_the_limit_is_whole() -> None:
    assert fitted(Message(text="é" * 4096)).text == "é" * 4096


def test_a_text_of_one_too_many_ends_in_an_ellipsis() -> None:
    assert fitted(Message(text="é" * 4097)).text == "é" * 4095 + "…"


def test_letters_beyond_the_basic_plane_count_twice() -> None:
    assert fitted(Message(text="😀" * 2049)).text == "😀" * 2047 + "…"


@pytest.mark.parametrize("grapheme", [FAMILY, "🇹🇷", TOWER, "क्षि", "\u1100\u1161\u11a8"])
def test_a_text_is_cut_between_whole_characters(grapheme: str) -> None:
    text = fitted(Message(text=grapheme * 4096)).text
    assert regex.fullmatch(f"(?:{grapheme})+…", text)


def test_a_single_character_that_is_too_long_is_cut_within() -> None:
    assert fitted(Message(text="a" + "\u0301" * 9000)).text.startswith("a\u0301")


@pytest.mark.parametrize("text", ["", " \n ", "\x00", "\u200b\u2060", "\u2800", "\u3164\u00ad", "\r\n"])
def test_a_message_that_shows_nothing_is_called_untitled(text: str) -> None:
    message = fitted(replace(bold(text, 0, 1), silent=True, preview=False))
    assert message == Message(text=UNTITLED, silent=True, preview=False)


# Entities.


@given(st.one_of(WILD, LONG), ENTITIES)
def test_entities_stand_on_whole_characters(text: str, entities: tuple[TextEntity, ...]) -> None:
    message = fitted(Message(text=text, entities=entities))
    between = edges(message.text)
    for entity in message.entities:
        assert entity.length > 0
        assert {entity.offset, entity.offset + entity.length} <= between


@given(st.one_of(WILD, LONG), ENTITIES)
def test_telegram_keeps_every_link_that_was_kept(text: str, entities: tuple[TextEntity, ...]) -> None:
    message = fitted(Message(text=text, entities=entities))
    links = [("text_link", e.offset, e.length) for e in message.entities if e.kind is LINK]
    assert [span for span in spans(taken(message).entities) if span[0] == "text_link"] == links


def test_an_entity_is_clipped_to_what_remains() -> None:
    (entity,) = fitted(bold("x" * 5000, 4000, 1000)).entities
    assert (entity.offset, entity.length) == (4000, 96)


def test_an_entity_beyond_the_end_is_dropped() -> None:
    assert fitted(bold("x" * 5000, 4500, 10)).entities == ()


def test_an_entity_moves_with_what_is_trimmed_before_it() -> None:
    message = fitted(bold(" \n title ", 3, 5))
    assert (message.text, message.entities[0].offset, message.entities[0].length) == ("title", 0, 5)


def test_an_entity_within_a_surrogate_pair_is_dropped() -> None:
    assert fitted(bold("😀", 1, 1)).entities == ()


def test_an_entity_shrinks_to_the_characters_that_it_covers_whole() -> None:
    (entity,) = fitted(bold("🇹🇷🇨🇳ab", 1, 8)).entities
    assert (entity.offset, entity.length) == (4, 5)


def test_nothing_moves_for_what_telegram_takes_out() -> None:
    (entity,) = fitted(bold("a\rb\x00c\u202etitle", 6, 5)).entities
    assert entity.offset == 6


def test_of_more_than_a_hundred_entities_links_stay_before_bold_before_italic() -> None:
    kinds = [ITALIC] * 40 + [BOLD] * 60 + [LINK] * 50
    entities = tuple(
        TextEntity(kind=kind, offset=2 * place, length=1, url=URL) for place, kind in enumerate(kinds)
    )
    message = fitted(Message(text="x " * 200, entities=entities))
    assert [e.kind for e in message.entities] == [BOLD] * 50 + [LINK] * 50
    assert [e.offset for e in message.entities] == sorted(e.offset for e in message.entities)


def test_of_two_links_that_overlap_the_first_stays() -> None:
    entities = tuple(
        TextEntity(kind=LINK, offset=offset, length=3, url=f"{URL}{offset}") for offset in (2, 0)
    )
    message = fitted(Message(text="abcdef", entities=entities))
    assert [entity.url for entity in message.entities] == [f"{URL}0"]


# Links.


@pytest.mark.parametrize(
    "url",
    [
        "http://wire.example",
        "HTTPS://Wire.Example:8443/a?b=c#d",
        "https://wire.example/türkiye/稀土",
        "https://пример.рф/новости",
        "https://wire.example/@editor/1",
        "https://fa.example/می\u200cشود",
        "http://[2001:db8::1]/x",
        "https://t.me/wire/7",
    ],
)
def test_an_address_of_a_page_is_a_link(url: str) -> None:
    assert is_link(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "wire.example/1",
        "//wire.example/1",
        "ftp://wire.example/1",
        "javascript:alert(1)",
        "data:text/html,x",
        "tg://user?id=7",
        "http://user@wire.example/",
        "http://user:pass@wire.example/",
        "http://wire.example\\@evil.example/",
        "http://intranet/1",
        "http://./1",
        "http:///1",
        "http://wire.example:0/",
        "http://wire.example:70000/",
        "http://wire.example:port/",
        "http://wire.example/a b",
        "http://wire.example/a\u00a0b",
        "http://wire.example/a\nb",
        "http://wire.example/\x00",
        "http://wire.example/\u202egpj.exe",
        "http://wire.example/\ud83d",
    ],
)
def test_an_address_that_hides_something_or_leads_elsewhere_is_no_link(url: str) -> None:
    assert not is_link(url)


def test_an_address_that_is_too_long_is_no_link() -> None:
    longest = URL + "x" * (MAX_URL - len(URL))
    assert is_link(longest)
    assert not is_link(longest + "x")


@given(URLS)
def test_telegram_takes_every_link(url: str) -> None:
    if is_link(url):
        (entity,) = read_entities([{"type": "text_link", "offset": 0, "length": 1, "url": url}])
        assert entity.type == "text_link"


# All that is ever sent.


def assert_links_to_nothing_else(message: Message) -> None:
    assert detect(message.text, taken(message).entities) == ()


@settings(max_examples=60)
@given(
    title=TITLES,
    summary=TITLES,
    name=WILD,
    url=st.one_of(st.none(), URLS),
    template=st.permutations(list(MessagePart)).flatmap(
        lambda parts: st.integers(min_value=0, max_value=5).map(lambda number: tuple(parts[:number]))
    ),
)
def test_telegram_takes_every_alert_unchanged(
    title: str, summary: str, name: str, url: str | None, template: tuple[MessagePart, ...]
) -> None:
    style = Style(timezone=ZoneInfo("Asia/Kathmandu"), template=template)
    alert = Alert(
        title=title,
        url=url,
        summary=summary,
        reasons=(Reason(rule="r", title=name, words=(name, title)),) * 14,
        sources=(name, title) * 4,
        published=NOON,
        earlier=Earlier(title=title, url=url),
    )
    message = render(alert, style)
    assert_taken_unchanged(message)
    assert_links_to_nothing_else(message)


@settings(max_examples=60)
@given(title=TITLES, summary=TITLES, name=WILD, url=st.one_of(st.none(), URLS))
def test_telegram_takes_every_development_unchanged(
    title: str, summary: str, name: str, url: str | None
) -> None:
    lead = Lead(feed_url="f", source=name, title=title, url=url, summary=summary, published=NOON)
    message = render_development(lead, (name, title) * 5, Style(timezone=ZoneInfo("UTC")))
    assert_taken_unchanged(message)
    assert_links_to_nothing_else(message)


@settings(max_examples=60)
@given(title=TITLES, name=WILD, url=st.one_of(st.none(), URLS))
def test_telegram_takes_every_digest_unchanged(title: str, name: str, url: str | None) -> None:
    headline = Headline(title=title, url=url, source=name)
    held = Held(
        dedupe_key="k",
        place=Place(chat="@wire"),
        rule="r",
        story_id="s",
        title=title,
        url=url,
        source=name,
        message=Message(text="x"),
    )
    backlog = Backlog(place=Place(chat="@wire"), ids=(1,), count=40, headlines=(headline,) * 15)
    for message in (gathered(name, [held] * 20), backlog_digest(backlog)):
        assert_taken_unchanged(message)
        assert_links_to_nothing_else(message)


@given(kind=st.sampled_from(ConditionKind), why=TITLES, over=st.booleans())
def test_telegram_takes_every_notice_of_a_condition_unchanged(
    kind: ConditionKind, why: str, *, over: bool
) -> None:
    subject = "-1001234567890/7" if kind is ConditionKind.TOPIC_CLOSED else "@wire"
    condition = Condition(kind=kind, subject=subject, why=why, began_at=NOON, ended_at=NOON if over else None)
    assert_taken_unchanged(condition_notice(condition))


@given(TITLES)
def test_telegram_takes_every_other_notice_unchanged(details: str) -> None:
    assert_taken_unchanged(notice("The rules file has mistakes.", details))


@pytest.mark.parametrize("text", ["a\u030a", "Ågård", unicodedata.normalize("NFD", "Ågård")])
def test_a_ring_above_stays_on_its_letter(text: str) -> None:
    message = render(
        Alert(title=text, url=None, summary="", reasons=(), sources=(), published=NOON),
        Style(timezone=ZoneInfo("UTC"), template=(MessagePart.TITLE,)),
    )
    assert message.text == unicodedata.normalize("NFC", text)
