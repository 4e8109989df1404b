"""The bare text that is sent when Telegram refuses a message."""

from __future__ import annotations

import pytest
import regex
from attempts import BOLD
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.fitting import MAX_TEXT
from bot.alerts.harmless import utf16_length
from bot.models import Message
from bot.telegram.plain import plainly

FAMILY = "👨\u200d👩\u200d👧"
WILD = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            [FAMILY * 300, "e\u0301" * 2000, "🔔" * 2047, "\ud83d", "\udd14", "@\u2060a", "x" * 4094]
        ),
    ),
    max_size=6,
).map("".join)


def text_of(text: str) -> str:
    return plainly(Message(text=text)).text


@given(WILD)
def test_plain_text_is_within_telegrams_limit_and_can_be_written(text: str) -> None:
    plain = text_of(text)
    assert len(plain) <= utf16_length(plain) <= MAX_TEXT
    assert plain.encode().decode() == plain


@given(WILD)
def test_plain_text_is_where_it_is_cut_still_whole_graphemes(text: str) -> None:
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    ends = {found.end() for found in regex.finditer(r"\X", whole)} | {0}
    assert len(text_of(text)) in ends


@pytest.mark.parametrize("text", ["", "hello", "a" * 4096, "🔔" * 2048, " @\u2060all \u2066x\u2069\n"])
def test_a_text_that_fits_stays_as_it_is(text: str) -> None:
    assert text_of(text) == text


def test_a_cut_never_parts_a_family() -> None:
    assert text_of("a" * 4090 + FAMILY) == "a" * 4090


def test_a_grapheme_without_end_is_cut_all_the_same() -> None:
    assert text_of("e" + "\u0301" * 9000) == "e" + "\u0301" * 2047


def test_plain_text_has_no_formatting_and_keeps_the_rest() -> None:
    message = Message(text="hello", entities=(BOLD,), silent=True, preview=False)
    assert plainly(message) == Message(text="hello", silent=True, preview=False)
