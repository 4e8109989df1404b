from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from builders import make_article
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.record import FIGURES
from bot.stories.sketch import HEAD, HEADLESS, LEAD, LEAD_WORDS, NAME, NUMBER, READ, Reader, Reading
from bot.stories.words import bucket_of, words_of


def read(title: str = "", body: str = "", **changes: object) -> Reading:
    article = make_article(**{"title": title, "summary": "", "content": body, "published": None, **changes})
    return Reader().read(article)


def flags(reading: Reading, spelling: str) -> int:
    return int(reading.flags[place(reading, spelling)])


def count(reading: Reading, spelling: str) -> int:
    return int(reading.counts[place(reading, spelling)])


def place(reading: Reading, spelling: str) -> int:
    return int(reading.buckets.tolist().index(words_of(spelling)[0].bucket))


def pairs(reading: Reading) -> list[tuple[int, int]]:
    return list(
        zip(reading.buckets[reading.before].tolist(), reading.buckets[reading.after].tolist(), strict=True)
    )


def pair(one: str, other: str) -> tuple[int, int]:
    return words_of(one)[0].bucket, words_of(other)[0].bucket


def test_each_word_is_kept_once_in_the_order_of_first_standing() -> None:
    reading = read("storm hits", "a storm hits harbour")
    assert reading.buckets.tolist() == [bucket_of(word) for word in ("storm", "hits", "a", "harbou")]


def test_a_word_of_the_headline_counts_twice() -> None:
    reading = read("storm", "the storm of the year")
    assert (count(reading, "storm"), count(reading, "the"), count(reading, "year")) == (3, 2, 1)


def test_a_word_is_counted_255_times_at_most() -> None:
    assert count(read("", "storm " * 400), "storm") == 255


def test_words_of_the_headline_are_marked() -> None:
    reading = read("storm hits", "rain falls")
    assert flags(reading, "storm") & HEAD
    assert not flags(reading, "rain") & HEAD


def test_without_a_headline_the_first_words_stand_in() -> None:
    reading = read("", " ".join(f"w{'x' * n}" for n in range(40)) + " harbour")
    assert sum(flag & HEAD > 0 for flag in reading.flags.tolist()) <= HEADLESS
    assert not flags(reading, "harbour") & HEAD
    assert reading.body == reading.words - HEADLESS


def test_the_top_of_a_text_is_marked() -> None:
    reading = read("storm", "rain " * LEAD_WORDS + "harbour")
    assert flags(reading, "rain") & LEAD
    assert not flags(reading, "harbour") & LEAD


def test_a_capital_inside_a_sentence_makes_a_name() -> None:
    reading = read("", "Yesterday the minister met Merkel. Later they left")
    assert flags(reading, "Merkel") & NAME
    assert not flags(reading, "Yesterday") & NAME
    assert not flags(reading, "Later") & NAME


def test_a_headline_in_title_case_tells_no_names() -> None:
    assert not flags(read("Storm Hits Northern Harbour Towns"), "Harbour") & NAME


def test_a_headline_in_plain_case_tells_names_but_for_its_first_word() -> None:
    reading = read("Storm hits the harbour of Odense today")
    assert flags(reading, "Odense") & NAME
    assert not flags(reading, "Storm") & NAME


def test_a_country_is_a_name_wherever_it_stands() -> None:
    reading = read("", "Germany votes")
    country = dict(zip(reading.buckets.tolist(), reading.flags.tolist(), strict=True))[bucket_of("#DE")]
    assert country & NAME


def test_the_name_of_a_country_is_no_further_word() -> None:
    assert read("", "Germany votes").words == 2


def test_numbers_are_marked() -> None:
    assert flags(read("", "killed 17 people"), "17") & NUMBER


def test_neighbours_are_pairs_within_a_sentence() -> None:
    assert pairs(read("", "rain falls. wind rises")) == [pair("rain", "falls"), pair("wind", "rises")]


def test_a_headline_is_one_sentence_and_does_not_run_into_the_body() -> None:
    assert pairs(read("rain. wind", "sun")) == [pair("rain", "wind")]


def test_countries_do_not_come_between_neighbours() -> None:
    assert pairs(read("", "in Germany today")) == [pair("in", "Germany"), pair("Germany", "today")]


def test_a_figure_is_known_by_the_word_before_and_after() -> None:
    figures = read("", "killed 17 people").figures
    assert figures == {bucket_of("killed"): bucket_of("17"), -1 - bucket_of("people"): bucket_of("17")}


def test_the_first_figure_beside_a_word_stays() -> None:
    assert read("", "killed 17. killed 18").figures == {bucket_of("killed"): bucket_of("17")}


def test_figures_have_a_bound() -> None:
    letters = [chr(97 + n) * 3 for n in range(26)]
    assert len(read("", " ".join(f"{word} {n}" for n, word in enumerate(letters))).figures) == FIGURES


def test_the_date_of_publication_is_the_day() -> None:
    at = datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert read("storm", published=at, url="https://a.example/2020/01/02/x").day == at.toordinal()


@pytest.mark.parametrize(
    "path", ["2026/03/09/x", "2026-03-09-x", "x_20260309.html", "2026/mar/9/x", "2026/3/9/"]
)
def test_without_one_the_address_tells_the_day(path: str) -> None:
    assert read("storm", url=f"https://a.example/{path}").day == date(2026, 3, 9).toordinal()


@pytest.mark.parametrize("path", ["2026/02/31/x", "120260309", "x", "202603091"])
def test_an_address_without_a_date_tells_no_day(path: str) -> None:
    assert read("storm", url=f"https://a.example/{path}").day == 0


def test_weekdays_of_the_body_are_bits() -> None:
    assert read("On Sunday", "It was on Monday and on Wednesday").weekdays == 0b101


def test_a_weekday_far_down_says_nothing() -> None:
    assert read("", "rain " * 130 + "Monday").weekdays == 0


def test_a_summary_is_read_before_a_content_that_does_not_begin_with_it() -> None:
    assert read("", "wind rises", summary="rain falls").words == 4
    assert read("", "rain falls and", summary="rain falls").words == 3


def test_only_the_top_of_a_body_is_read() -> None:
    assert read("", "rain " * READ).words == READ // 5


def test_capitals_in_the_body_are_noted() -> None:
    assert read("storm", "The rain").cased
    assert not read("Storm", "the rain").cased


@given(st.text(max_size=60), st.text(max_size=200))
def test_a_reader_reads_alike_whatever_it_has_read(title: str, body: str) -> None:
    reader = Reader()
    article = make_article(title=title, summary="", content=body)
    reader.read(make_article(title="Storm hits", content="Germany votes on Monday. 17 killed"))
    again, fresh = reader.read(article), Reader().read(article)
    assert again.buckets.tolist() == fresh.buckets.tolist()
    assert again.counts.tolist() == fresh.counts.tolist()
    assert again.flags.tolist() == fresh.flags.tolist()
    assert again.figures == fresh.figures


@given(st.text(max_size=60), st.text(max_size=200))
def test_no_word_is_lost_and_none_comes_twice(title: str, body: str) -> None:
    reading = read(title, body)
    assert (
        len(set(reading.buckets.tolist()))
        == len(reading.buckets)
        == len(reading.counts)
        == len(reading.flags)
    )
    assert len(reading.before) == len(reading.after) <= reading.words
