"""Telegram's rules for texts and entities, as the Bot API server on loopback keeps them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.botapi.detection import detect
from bot.demo.botapi.entities import Entity, FormattedText, read_entities, tidy, utf16_length
from bot.demo.botapi.refusals import Refusal

HOSTILE = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("İıß北京🔔\r\n\t\0\u202e\u0301\u200f "),
    ),
    max_size=60,
)
SPANS = st.tuples(
    st.sampled_from(["bold", "italic", "code", "blockquote", "text_link", "spoiler"]),
    st.integers(0, 40),
    st.integers(0, 40),
)


def entity(kind: str, offset: int, length: int) -> Entity:
    url = "http://example.org/" if kind == "text_link" else None
    return Entity(type=kind, offset=offset, length=length, url=url)


def tidied(text: str, *entities: Entity, limit: int = 4096) -> FormattedText:
    return tidy(FormattedText(text=text, entities=entities), limit=limit, too_long="Message is too long")


def spans(formatted: FormattedText) -> list[tuple[str, int, int]]:
    return [(e.type, e.offset, e.length) for e in formatted.entities]


def reason(text: str, *entities: Entity) -> str:
    with pytest.raises(Refusal) as refused:
        tidied(text, *entities)
    assert refused.value.status == 400
    return refused.value.description


def reading(value: object) -> str:
    with pytest.raises(Refusal) as refused:
        read_entities([value])
    return refused.value.description


def test_a_text_of_4096_code_points_is_taken_whatever_their_width() -> None:
    assert tidied("🔔" * 4096).text == "🔔" * 4096


def test_a_text_of_4097_code_points_is_too_long() -> None:
    assert reason("a" * 4097) == "Bad Request: message is too long"


def test_white_space_at_the_ends_does_not_count_towards_the_limit() -> None:
    assert len(tidied(" \n" * 50 + "a" * 4096 + "\n" * 50).text) == 4096


@pytest.mark.parametrize("text", [" \n ", "\u200b\u200d", "\u2800\u00a0", "\r\0\t", "\u202e"])
def test_a_text_in_which_nothing_shows_is_empty(text: str) -> None:
    assert reason(text) == "Bad Request: text must be non-empty"


def test_control_characters_become_spaces_and_carriage_returns_go() -> None:
    assert tidied("a\0b\tc\r\nd\u202ee").text == "a b c\nde"


def test_a_lone_surrogate_is_no_utf8() -> None:
    assert reason("a\ud800b") == "Bad Request: strings must be encoded in UTF-8"


def test_entities_move_with_what_is_removed_before_them() -> None:
    formatted = tidied("\n\ra\rb bold", entity("bold", 6, 4))
    assert formatted.entities[0].text_in(formatted.text) == "bold"


def test_white_space_under_an_entity_at_the_front_stays() -> None:
    assert tidied("  a", entity("bold", 1, 2)).text == " a"


def test_an_entity_is_cut_where_trailing_white_space_is_trimmed() -> None:
    assert spans(tidied("ab  \n", entity("bold", 1, 4))) == [("bold", 1, 1)]


def test_an_entity_without_length_vanishes() -> None:
    assert spans(tidied("ab", entity("bold", 1, 0))) == []


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [
        (-1, 2, "receive an entity with incorrect offset -1"),
        (0, -2, "receive an entity with incorrect length -2"),
        (5, 1, "entity begins after the end of the text at UTF-16 offset 5"),
        (1, 9, "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 10"),
        (2, 2, "entity begins in a middle of a UTF-16 symbol at byte offset 5"),
        (0, 2, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 5"),
    ],
)
def test_an_entity_out_of_place_is_refused_in_telegrams_words(
    offset: int, length: int, expected: str
) -> None:
    assert reason("a🔔b", entity("bold", offset, length)) == f"Bad Request: {expected}"


def test_of_two_links_that_cross_the_first_stays() -> None:
    formatted = tidied("abcdefgh", entity("text_link", 0, 5), entity("text_link", 3, 5))
    assert spans(formatted) == [("text_link", 0, 5)]


def test_a_style_is_split_where_a_link_begins_and_ends() -> None:
    formatted = tidied("abcdefgh", entity("bold", 0, 8), entity("text_link", 2, 3))
    assert spans(formatted) == [("bold", 0, 2), ("text_link", 2, 3), ("bold", 2, 3), ("bold", 5, 3)]


def test_styles_of_one_type_that_touch_become_one() -> None:
    assert spans(tidied("abcdefgh", entity("bold", 0, 4), entity("bold", 4, 2))) == [("bold", 0, 6)]


def test_code_holds_no_style() -> None:
    formatted = tidied("abcdefgh", entity("bold", 0, 8), entity("code", 2, 3))
    assert spans(formatted) == [("bold", 0, 2), ("code", 2, 3), ("bold", 5, 3)]


def test_a_link_across_the_edge_of_a_quotation_is_dropped() -> None:
    formatted = tidied("abcdefgh", entity("blockquote", 0, 4), entity("text_link", 2, 4))
    assert spans(formatted) == [("blockquote", 0, 4)]


def test_entities_after_the_hundredth_are_dropped() -> None:
    links = [entity("text_link", 2 * place, 1) for place in range(120)]
    assert len(tidied("ab" * 120, *links).entities) == 100


@given(text=HOSTILE, marked=st.lists(SPANS, max_size=6))
def test_what_is_accepted_is_trimmed_and_its_entities_lie_within_the_text(
    text: str, marked: list[tuple[str, int, int]]
) -> None:
    try:
        formatted = tidied(text, *(entity(*span) for span in marked))
    except Refusal:
        return
    assert not formatted.text.endswith((" ", "\n"))
    assert all(0 <= e.offset < e.end <= utf16_length(formatted.text) for e in formatted.entities)


@given(text=HOSTILE, marked=st.lists(SPANS, max_size=6))
def test_tidying_twice_changes_nothing_more(text: str, marked: list[tuple[str, int, int]]) -> None:
    try:
        once = tidied(text, *(entity(*span) for span in marked))
    except Refusal:
        return
    assert tidied(once.text, *once.entities) == once


def test_a_link_is_kept_as_telegram_writes_it() -> None:
    (link,) = read_entities(
        [{"type": "text_link", "offset": 0, "length": 1, "url": "HTTPS://Example.org?a=b c"}]
    )
    assert link.url == "https://example.org/?a=b%20c"


def test_a_link_to_a_user_is_a_mention() -> None:
    (mention,) = read_entities([{"type": "text_link", "offset": 0, "length": 1, "url": "tg://user?id=77"}])
    assert (mention.type, mention.user_id) == ("text_mention", 77)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bold", "can't parse MessageEntity: expected an Object"),
        ({"type": "bold", "length": 1}, "can't parse MessageEntity: Can't find field \"offset\""),
        (
            {"type": "bold", "offset": "x", "length": 1},
            'can\'t parse MessageEntity: Field "offset" must be of type Number',
        ),
        (
            {"type": "shout", "offset": 0, "length": 1},
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            {"type": "text_link", "offset": 0, "length": 1, "url": "ftp://example.org/"},
            "entity URL 'ftp://example.org/' is invalid: Unsupported URL protocol",
        ),
        (
            {"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"},
            "entity URL 'javascript:alert(1)' is invalid: Wrong port number specified in the URL",
        ),
        (
            {"type": "text_link", "offset": 0, "length": 1, "url": "http://localhost/"},
            "entity URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
    ],
)
def test_a_malformed_entity_is_refused_in_telegrams_words(value: object, expected: str) -> None:
    assert reading(value) == f"Bad Request: {expected}"


def test_kinds_that_only_telegram_finds_are_left_out() -> None:
    assert read_entities([{"type": "mention", "offset": 0, "length": 1}]) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ask @news_desk now", [("mention", "@news_desk")]),
        ("run /ban_all now", [("bot_command", "/ban_all")]),
        ("see #Ankara2026 and #1", [("hashtag", "#Ankara2026")]),
        ("read https://example.org/a?b=c.", [("url", "https://example.org/a?b=c")]),
        ("on example.com today", [("url", "example.com")]),
        ("write to desk@example.com", [("email", "desk@example.com")]),
        ("nothing@ here / nor # here, 3/4", []),
        ("北京 @ab_c 北京", [("mention", "@ab_c")]),
        ("broken up: @\u2060admin /\u2060start", []),
        ("a joiner before is no help: \u2060@admin", [("mention", "@admin")]),
        ("short names: @gif @abc", [("mention", "@gif")]),
        (
            "a mark is no letter: cafe\u0301#tag e\u0301/start",
            [("hashtag", "#tag"), ("bot_command", "/start")],
        ),
        ("#\u00b7a and #a#b and #\u2060c", [("hashtag", "#\u00b7a")]),
        ("/cmd@ab /cmd@news_bot", [("bot_command", "/cmd@news_bot")]),
        ("$AAPL, $aapl, $\u2060MSFT", [("cashtag", "$AAPL")]),
        ("open tg://resolve?domain=x", [("url", "tg://resolve?domain=x")]),
        ("tg:\u2060//resolve, example.\u2060com, desk@\u2060example.\u2060com", []),
        ("a joiner behind the scheme: https://\u2060example.com", [("url", "example.com")]),
        ("any host behind a scheme: http://host.internal/", [("url", "http://host.internal/")]),
        ("at ☕.com, in 10.0.0.1", [("url", "☕.com"), ("url", "10.0.0.1")]),
        ("Over.Next, v1.2.3, 3.5, e.g. this, St.Petersburg", []),
        ("card 4111 1111 1111 1111", [("bank_card_number", "4111 1111 1111 1111")]),
        ("no card 4111 1111 1111 1112, 4111 1111\u2060 1111 1111", []),
        ("call +90 212 555 00 00 or 555 00 00", [("phone_number", "+90 212 555 00 00")]),
    ],
)
def test_telegram_finds_what_nobody_marked(text: str, found: list[tuple[str, str]]) -> None:
    assert [(e.type, e.text_in(text)) for e in detect(text)] == found


def test_bold_hinders_no_find() -> None:
    assert [e.type for e in detect("@admin", (entity("bold", 0, 6),))] == ["mention"]


@given(text=HOSTILE)
def test_what_is_found_lies_within_the_text_and_apart(text: str) -> None:
    edges = [edge for found in detect(text) for edge in (found.offset, found.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= utf16_length(text) for edge in edges)


def test_nothing_is_found_within_a_link_or_code() -> None:
    text = "@admin and @admin"
    assert [e.offset for e in detect(text, (entity("code", 0, 6),))] == [11]


def test_a_find_after_an_emoji_stands_at_its_utf16_offset() -> None:
    assert [e.offset for e in detect("🔔 @admin")] == [3]
