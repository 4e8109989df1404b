"""Copies are told from reports of other figures, by their records alone."""

from __future__ import annotations

from typing import Final

import pytest
from builders import make_article

from bot.stories.copies import Copy, compared
from bot.stories.events import Events

BODY: Final = (
    "The mill at Harrow Weir ground 340 tonnes of rye in April, the guild said, and sold 120 barrels of flour to bakers "
    "in nine towns along the canal, where a drought had stopped smaller wheels since the middle of winter."
)


def held(
    first: str, second: str, *, title: str = "The mill at Harrow Weir", other: str | None = None
) -> Copy:
    """What the second text is to the first."""
    events = Events()
    events.add(events.look(make_article(title=title, summary=first)), 0, 1)
    looked = events.look(make_article(title=other or title, summary=second))
    (candidate,) = looked.candidates
    return compared(looked.text.record, candidate.rows, candidate.likeness)


def test_a_text_is_its_own_copy() -> None:
    copy = held(BODY, BODY)
    assert (copy.copied, copy.verbatim, copy.differ, copy.is_another_report) == (True, True, 0, False)


def test_a_word_that_was_mended_leaves_a_copy() -> None:
    copy = held(BODY.replace("flour", "fluor").replace("bakers", "bkaers"), BODY)
    assert (copy.copied, copy.is_another_report) == (True, False)


@pytest.mark.parametrize("other", [None, "Rye and flour", "A dry winter on the canal"])
def test_one_figure_alone_makes_another_report_whatever_the_headline(other: str | None) -> None:
    copy = held(BODY, BODY.replace("340", "365"), other=other)
    assert (copy.verbatim, copy.is_another_report) == (True, True)


def test_a_short_text_of_another_figure_is_another_report() -> None:
    copy = held(
        "The mill ground 340 tonnes of rye in April, they said.",
        "The mill ground 365 tonnes of rye in April, they said.",
    )
    assert copy.is_another_report


def test_a_figure_that_was_mended_with_the_words_around_it_is_forgiven() -> None:
    figures = " ".join(
        f"{name} {number}" for number, name in enumerate("oats barley maize beans peas hops".split(), 11)
    )
    edited = f"{BODY} {figures}".replace("120 barrels of flour", "120 casks of meal").replace(
        "drought", "dry spell"
    )
    copy = held(f"{BODY} {figures}", edited.replace("towns", "villages").replace("340", "341"))
    assert (copy.differ > 0, copy.verbatim, copy.is_another_report) == (True, False, False)


def test_a_text_that_was_cut_has_no_other_figures() -> None:
    copy = held(BODY, BODY[:110])
    assert (copy.differ, copy.is_another_report) == (0, False)


def test_a_table_of_other_figures_is_another_report_though_most_of_it_differs() -> None:
    table = "Rye {} at the weir, oats {} at the lock, barley {} at the quay, maize {} at the gate, hops {} in the yard."
    first, second = table.format(*range(1201, 1206)), table.format(*range(2301, 2306))
    assert held(first, second, title="Prices").is_another_report


def test_other_news_is_no_copy() -> None:
    copy = held(
        BODY,
        "At Harrow Weir the guild of divers raised a sunken barge with nine bells for a church in the hills.",
    )
    assert not copy.close


def test_a_cut_copy_hides_no_figure_of_the_whole_text() -> None:
    events = Events()
    for text in (BODY, BODY[:140]):
        events.add(events.look(make_article(title="The mill at Harrow Weir", summary=text)), 0, 1)
    looked = events.look(make_article(title="The mill at Harrow Weir", summary=BODY.replace("120", "135")))
    (candidate,) = looked.candidates
    assert len(candidate.rows) == 2
    assert compared(looked.text.record, candidate.rows, candidate.likeness).is_another_report
