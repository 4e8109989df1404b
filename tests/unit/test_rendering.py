from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.rendering import Style, local_time, render, render_development, told_by, why
from bot.models import Alert, Earlier, EntityKind, Lead, Message, MessagePart, Reason

STYLE = Style(timezone=ZoneInfo("UTC"))
RARE = Reason(rule="rare-earth", title="Rare earths", words=("rare earth",))
BRICS = Reason(rule="brics", title="BRICS", words=("BRICS’e",))


def alert(**changes: object) -> Alert:
    values: dict[str, object] = {
        "title": "A refinery for rare earths",
        "url": "https://wire.example/1",
        "summary": "The ministry will build it. Work begins in spring.",
        "reasons": (RARE, BRICS),
        "sources": ("Example Wire", "Other"),
        "published": NOON,
        **changes,
    }
    return Alert(**values)  # type: ignore[arg-type]


TITLE, SUMMARY, WHY, SOURCES, TIME = MessagePart


def styled(*template: MessagePart) -> Style:
    return Style(timezone=ZoneInfo("UTC"), template=template)


def covered(message: Message, kind: EntityKind) -> str:
    (entity,) = (entity for entity in message.entities if entity.kind is kind)
    units = message.text.encode("utf-16-le")
    return units[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le")


def test_a_message_says_what_why_and_who() -> None:
    assert render(alert(), STYLE).text == (
        "A refinery for rare earths\n"
        "The ministry will build it. Work begins in spring.\n"
        "\n"
        "🔔 Rare earths “rare earth” · BRICS “BRICS’e”\n"
        "📰 Example Wire · Other · 2 sources · 1 Mar 12:00 UTC"
    )


def test_the_title_links_to_the_source() -> None:
    message = render(alert(), STYLE)
    assert covered(message, EntityKind.TEXT_LINK) == "A refinery for rare earths"
    assert [entity.url for entity in message.entities if entity.url] == ["https://wire.example/1"]


def test_offsets_count_utf16_units() -> None:
    message = render(alert(title="🇹🇷 稀土 😀"), STYLE)
    assert covered(message, EntityKind.BOLD) == "🇹🇷 稀土 😀"


def test_without_a_url_the_title_is_bold_and_no_link() -> None:
    assert {entity.kind for entity in render(alert(url=None), STYLE).entities} == {EntityKind.BOLD}


def test_without_a_title_the_link_still_has_something_to_stand_on() -> None:
    assert covered(render(alert(title=" \u202e "), STYLE), EntityKind.TEXT_LINK) == "(no title)"


def test_without_a_summary_there_is_no_empty_line_for_it() -> None:
    assert render(alert(summary=""), STYLE).text.startswith("A refinery for rare earths\n\n🔔")


def test_markup_in_a_title_is_shown_as_text() -> None:
    title = "</b><a href='x'>click</a> &lt;script&gt;"
    message = render(alert(title=title), STYLE)
    assert message.text.startswith(title)
    assert {entity.url for entity in message.entities} == {None, "https://wire.example/1"}


def test_an_earlier_story_is_linked_in_a_line_of_its_own() -> None:
    message = render(alert(earlier=Earlier(title="Talks fail", url="https://wire.example/0")), STYLE)
    assert "spring.\n\n↩️ Earlier: Talks fail\n🔔" in message.text
    assert [entity.url for entity in message.entities if entity.url] == [
        "https://wire.example/1",
        "https://wire.example/0",
    ]


def test_an_earlier_story_without_a_url_is_named_alone() -> None:
    message = render(alert(url=None, earlier=Earlier(title="Talks fail", url=None)), STYLE)
    assert {entity.kind for entity in message.entities} == {EntityKind.BOLD}


def test_an_earlier_story_that_runs_from_right_to_left_is_isolated() -> None:
    message = render(alert(earlier=Earlier(title="قمة البريكس!", url=None)), STYLE)
    assert "↩️ Earlier: \u2068قمة البريكس!\u2069\n" in message.text


def test_a_title_that_runs_from_right_to_left_stands_alone_on_its_line() -> None:
    assert render(alert(title="قمة البريكس في قازان!"), STYLE).text.split("\n")[0] == "قمة البريكس في قازان!"


@pytest.mark.parametrize("title", ["\u200d", "\u2800\u3164", "\u200e \u200f", "\ufe0f"])
def test_a_title_that_shows_nothing_is_called_untitled(title: str) -> None:
    assert covered(render(alert(title=title), STYLE), EntityKind.TEXT_LINK) == "(no title)"


# Links.


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "tg://user?id=7",
        "data:text/html,x",
        "http://user:pass@wire.example/",
        "http://intranet/1",
    ],
)
def test_an_address_that_is_no_good_link_leaves_a_bold_title(url: str) -> None:
    message = render(alert(url=url), STYLE)
    assert [entity.kind for entity in message.entities] == [EntityKind.BOLD]
    assert covered(message, EntityKind.BOLD) == "A refinery for rare earths"


def test_a_link_into_telegram_is_a_link_like_any_other() -> None:
    assert covered(render(alert(url="https://t.me/wire/7"), STYLE), EntityKind.TEXT_LINK)


# Styles.


def test_a_style_may_be_silent_and_without_preview() -> None:
    message = render(alert(), Style(timezone=ZoneInfo("UTC"), silent=True, preview=False))
    assert (message.silent, message.preview) == (True, False)


def test_a_message_makes_a_sound_and_shows_a_preview_by_default() -> None:
    message = render_development(lead(), ("40",), STYLE)
    assert (message.silent, message.preview) == (False, True)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ((TITLE,), "A refinery for rare earths"),
        ((TITLE, SOURCES), "A refinery for rare earths\n\n📰 Example Wire · Other · 2 sources"),
        ((TITLE, TIME), "A refinery for rare earths\n\n🕒 1 Mar 12:00 UTC"),
        (
            (TITLE, TIME, SOURCES),
            "A refinery for rare earths\n\n🕒 1 Mar 12:00 UTC · Example Wire · Other · 2 sources",
        ),
        (
            (SOURCES, TITLE, TIME),
            "📰 Example Wire · Other · 2 sources\n\nA refinery for rare earths\n\n🕒 1 Mar 12:00 UTC",
        ),
        (
            (TITLE, SOURCES, WHY, TIME),
            (
                "A refinery for rare earths\n\n📰 Example Wire · Other · 2 sources\n"
                "🔔 Rare earths “rare earth” · BRICS “BRICS’e”\n🕒 1 Mar 12:00 UTC"
            ),
        ),
    ],
)
def test_a_template_says_which_parts_stand_in_which_order(
    template: tuple[MessagePart, ...], text: str
) -> None:
    assert render(alert(), styled(*template)).text == text


@pytest.mark.parametrize("template", list(permutations(MessagePart)))
def test_parts_that_are_empty_leave_no_blank_lines(template: tuple[MessagePart, ...]) -> None:
    text = render(alert(summary=" ", reasons=(), sources=()), styled(*template)).text
    assert sorted(text.split("\n\n")) == ["A refinery for rare earths", "🕒 1 Mar 12:00 UTC"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ((TITLE, WHY), "A refinery for rare earths\n\n↩️ Earlier: Talks fail\n🔔"),
        ((WHY, TITLE, TIME), "A refinery for rare earths\n\n↩️ Earlier: Talks fail\n🕒"),
        ((WHY, TITLE), "A refinery for rare earths\n\n↩️ Earlier: Talks fail"),
    ],
)
def test_an_earlier_story_stands_first_of_what_follows_the_story(
    template: tuple[MessagePart, ...], text: str
) -> None:
    message = render(alert(earlier=Earlier(title="Talks fail", url=None)), styled(*template))
    assert text in message.text


def test_a_template_moves_the_link_with_its_title() -> None:
    message = render(alert(), styled(SOURCES, SUMMARY, TITLE))
    assert covered(message, EntityKind.TEXT_LINK) == "A refinery for rare earths"


def test_a_development_obeys_the_template() -> None:
    message = render_development(lead(), ("40",), styled(WHY, TIME, TITLE))
    assert message.text == "New: 40\n🕒 1 Mar 12:00 UTC\n\n🔄 Refinery opens"


def lead(**changes: str | None) -> Lead:
    values = {"title": "Refinery opens", "url": "https://wire.example/2", "summary": "It took two years."}
    return Lead(feed_url="f", source="Example Wire", published=NOON, **{**values, **changes})  # type: ignore[arg-type]


def test_a_development_says_what_is_new_and_who_says_so() -> None:
    message = render_development(lead(), ("40", "Izmir"), STYLE)
    assert message.text == (
        "🔄 Refinery opens\nIt took two years.\n\nNew: 40 · Izmir\n📰 Example Wire · 1 Mar 12:00 UTC"
    )
    assert covered(message, EntityKind.TEXT_LINK) == covered(message, EntityKind.BOLD) == "Refinery opens"


def test_many_new_facts_are_counted() -> None:
    assert "New: 0 · 1 · 2 · 3 · 4 · 5 · 3 more\n" in (
        render_development(lead(), tuple("012345678"), STYLE).text
    )


@given(
    title=st.text(max_size=3000),
    summary=st.text(max_size=3000),
    new=st.lists(st.text(max_size=300), min_size=1, max_size=30),
)
def test_every_development_keeps_telegrams_limits(title: str, summary: str, new: list[str]) -> None:
    message = render_development(lead(title=title, summary=summary), tuple(new), STYLE)
    units = len(message.text.encode("utf-16-le")) // 2
    assert units <= 4096
    assert all(e.length > 0 and e.offset + e.length <= units for e in message.entities)


def test_one_source_is_one_source() -> None:
    assert told_by(("Example Wire",)) == "Example Wire · 1 source"


def test_many_sources_are_counted() -> None:
    assert told_by(tuple("abcdefg")) == "a · b · c · d · e · 7 sources"


def test_many_rules_are_counted() -> None:
    assert why(tuple(Reason(rule=str(n), title=str(n), words=()) for n in range(15))).endswith("11 · 3 more")


def test_words_that_run_from_right_to_left_are_isolated() -> None:
    assert "\u2068“البريكس”\u2069" in why((Reason(rule="brics", title="BRICS", words=("البريكس",)),))


def test_time_is_told_in_the_operators_zone() -> None:
    assert local_time(NOON, ZoneInfo("Europe/Istanbul")) == "1 Mar 15:00 UTC+3"
    assert local_time(NOON, ZoneInfo("Asia/Kathmandu")) == "1 Mar 17:45 UTC+5:45"
    assert local_time(datetime(2026, 7, 1, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")) == "1 Jul 14:00 CEST"


@given(
    title=st.text(max_size=3000),
    summary=st.text(max_size=3000),
    words=st.lists(st.text(max_size=200), max_size=20),
    sources=st.lists(st.text(max_size=500), min_size=1, max_size=30),
)
def test_every_message_keeps_telegrams_limits(
    title: str, summary: str, words: list[str], sources: list[str]
) -> None:
    reasons = tuple(Reason(rule=word, title=word or "?", words=tuple(words)) for word in words or ["x"])
    earlier = Earlier(title=title, url="https://wire.example/0")
    shown = alert(title=title, summary=summary, reasons=reasons, sources=tuple(sources), earlier=earlier)
    message = render(shown, STYLE)
    units = len(message.text.encode("utf-16-le")) // 2
    assert 0 < units <= 4096
    assert len(message.entities) <= 100
    assert all(e.length > 0 and e.offset + e.length <= units for e in message.entities)
