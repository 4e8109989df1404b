"""Which names a title and its sentences tell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.stories.names import Name, is_known, names


def told(
    title: str, *sentences: str, body: tuple[str, ...] = (), source: str = "Wire", language: str | None = "en"
) -> list[str]:
    found = names(title, sentences, body=body or sentences, source=source, language=language)
    return [name.written for name in found]


def test_a_word_with_a_capital_within_a_sentence_is_a_name() -> None:
    assert told("A strong quake hits Izmir", "Rescuers from Ankara came.") == ["Izmir", "Ankara"]


def test_the_first_word_of_a_sentence_is_none() -> None:
    assert told("Rescuers reach the coast") == []


def test_neither_is_the_word_behind_a_colon_or_an_opening_quote() -> None:
    assert told("minister says: Help comes, “Nobody is lost”") == []


def test_words_side_by_side_are_one_name() -> None:
    assert told("the bank hires Maria van der Berg as head") == ["Maria van der Berg"]


def test_days_and_months_are_no_names() -> None:
    assert told("the talks on Monday were put off to March again") == []


def test_the_source_is_no_name() -> None:
    assert told("strong quake hits Izmir - Ankara Wire", source="Ankara Wire") == ["Izmir"]


def test_a_dateline_is_no_name() -> None:
    assert told("quake hits coast", "IZMIR (Reuters) - A quake struck near Foça.") == ["Foça"]


def test_of_a_title_in_title_case_only_what_the_body_writes_as_a_name_counts() -> None:
    title, body = "Strong Quake Shakes Homes In Izmir", ("The quake shook homes in Izmir.",)
    assert told(title, body=body) == ["Izmir"]


def test_of_a_title_in_capitals_too() -> None:
    title, body = "STRONG QUAKE SHAKES HOMES IN IZMIR", ("The quake shook homes in Izmir.",)
    assert told(title, body=body) == ["IZMIR"]


def test_german_nouns_are_no_names() -> None:
    assert told("Starkes Beben erschüttert Häuser in Izmir", language="de") == []


def test_scripts_without_case_give_no_names() -> None:
    assert told("比亚迪BYD在土耳其建厂", language="zh") == []


def test_a_dotted_capital_counts() -> None:
    assert told("şiddetli deprem İzmir’de hissedildi", language="tr") == ["İzmir"]


def test_a_name_is_known_by_any_of_its_words() -> None:
    assert is_known(Name("Recep Tayyip Erdoğan", ("recep", "tayyip", "erdogan")), ["erdogan"])


def test_a_name_is_known_in_another_form() -> None:
    for one, other in (("moskva", "moskve"), ("turkey", "turkish"), ("ankara", "ankarada")):
        assert is_known(Name(one, (one,)), [other])


def test_names_that_share_little_are_two() -> None:
    for one, other in (("iran", "iraq"), ("li", "lin"), ("ankara", "antalya")):
        assert not is_known(Name(one, (one,)), [other])


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=3))
def test_any_text_can_be_read(title: str, sentences: list[str]) -> None:
    for name in told(title, *sentences, language=None):
        assert any(name in sentence for sentence in (title, *sentences))
