"""Stories that waited, as one message: for a cap or a cooldown, or because a chat could not be reached."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.alerts.digest import LISTED, backlog_digest, gathered
from bot.alerts.rendering import Style, render, render_development
from bot.models import Alert, Backlog, Earlier, EntityKind, Headline, Held, Lead, Message, Place, Reason

PLACE = Place(chat="@wire")
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
STYLE = Style(timezone=ZoneInfo("UTC"))


def held(title: str = "A refinery", url: str | None = "https://wire.example/1", source: str = "Wire") -> Held:
    message = Message(text=f"the alert of {title}", silent=True)
    return Held(
        dedupe_key=title,
        place=PLACE,
        rule="r",
        story_id=title,
        title=title,
        url=url,
        source=source,
        message=message,
    )


def backlog(count: int, *titles: str, source: str = "Wire") -> Backlog:
    headlines = tuple(
        Headline(title=title, url=f"https://wire.example/{title}", source=source) for title in titles
    )
    return Backlog(place=PLACE, ids=tuple(range(count)), count=count, headlines=headlines)


# What waited for a cap or a cooldown.


def test_what_waited_is_titled_by_what_it_waited_for() -> None:
    assert gathered("Rare earths", [held("One"), held("Two")]).text == (
        "Rare earths: 2 more stories\n• One (Wire)\n• Two (Wire)"
    )


@pytest.mark.parametrize("title", [None, "", "\u202e"])
def test_what_waited_for_nothing_in_particular_has_no_title(title: str | None) -> None:
    assert gathered(title, [held()] * 12).text.startswith("12 more stories\n• A refinery (Wire)\n")


def test_a_single_story_is_the_alert_that_it_would_have_been() -> None:
    assert gathered("Rare earths", [held("One")]) == Message(text="the alert of One", silent=True)


def test_a_digest_shows_no_preview_and_makes_a_sound_by_default() -> None:
    message = gathered("Rare earths", [held(), held()])
    assert (message.preview, message.silent) == (False, False)


def test_a_digest_may_be_silent_and_show_a_preview() -> None:
    message = gathered("Rare earths", [held(), held()], silent=True, preview=True)
    assert (message.preview, message.silent) == (True, True)


def test_a_line_of_a_digest_links_its_title() -> None:
    message = gathered(None, [held("One"), held("Two", url=None)])
    (link,) = (entity for entity in message.entities if entity.kind is EntityKind.TEXT_LINK)
    assert message.text[link.offset : link.offset + link.length] == "One"


# What could not be sent in time.


def test_a_backlog_says_how_many_stories_there_were_and_names_the_foremost() -> None:
    text = backlog_digest(backlog(40, *(f"Story {number}" for number in range(LISTED)))).text
    lines = text.split("\n")
    assert lines[0] == "⏳ 40 stories from while this chat could not be reached"
    assert lines[1 : LISTED + 1] == [f"• Story {number} (Wire)" for number in range(LISTED)]
    assert lines[LISTED + 1 :] == ["… and 25 more"]


def test_a_backlog_of_one_story_is_one_story() -> None:
    assert backlog_digest(backlog(1, "One")).text == (
        "⏳ 1 story from while this chat could not be reached\n• One (Wire)"
    )


def test_a_backlog_without_headlines_is_one_line() -> None:
    assert backlog_digest(backlog(3)).text == "⏳ 3 stories from while this chat could not be reached"


def test_more_headlines_than_a_digest_lists_are_counted() -> None:
    lines = backlog_digest(backlog(40, *(str(number) for number in range(40)))).text.split("\n")
    assert (len(lines), lines[-1]) == (LISTED + 2, "… and 25 more")


def test_a_backlog_shows_no_preview_and_makes_a_sound_by_default() -> None:
    message = backlog_digest(backlog(1, "One"))
    assert (message.preview, message.silent) == (False, False)


def test_a_backlog_may_be_silent() -> None:
    assert backlog_digest(backlog(1, "One"), silent=True).silent


# Reading direction.

ARABIC, HEBREW = "قمة البريكس (قازان) 2024!", "פסגת בריקס!"


def base_direction(line: str) -> str:
    """From where a line is read, by its first strong character outside isolates (Unicode annex 9, rules P2, P3)."""
    depth = 0
    for char in line:
        match unicodedata.bidirectional(char):
            case "LRI" | "RLI" | "FSI":
                depth += 1
            case "PDI":
                depth -= 1
            case "L" if depth == 0:
                return "left"
            case "R" | "AL" if depth == 0:
                return "right"
    return "left"


def loose(line: str) -> str:
    """What stands outside all isolates."""
    depth, kept = 0, ""
    for char in line:
        depth += (char == "\u2068") - (char == "\u2069")
        kept += char if depth == 0 and char != "\u2069" else ""
    return kept


def mixed_lines() -> list[str]:
    alert = Alert(
        title="Talks",
        url=None,
        summary="",
        reasons=(
            Reason(rule="r", title=ARABIC, words=("BRICS", HEBREW)),
            Reason(rule="s", title="BRICS", words=()),
        ),
        sources=(HEBREW, "Wire", ARABIC),
        published=AT,
        earlier=Earlier(title=ARABIC, url=None),
    )
    lead = Lead(feed_url="f", source=ARABIC, title="Talks", url=None, summary="", published=AT)
    messages = [
        gathered(ARABIC, [held(HEBREW, source="Wire"), held("Talks", source=ARABIC)]),
        gathered("BRICS", [held(ARABIC, source=HEBREW), held(HEBREW, source="Wire")]),
        backlog_digest(backlog(2, ARABIC, HEBREW)),
        render(alert, STYLE),
        render_development(lead, ("40", ARABIC, "Kazan"), STYLE),
    ]
    return [line for message in messages for line in message.text.split("\n")]


@pytest.mark.parametrize("line", mixed_lines())
def test_a_mixed_line_is_read_from_the_left(line: str) -> None:
    assert base_direction(line) == "left"


@pytest.mark.parametrize("line", mixed_lines())
def test_in_a_mixed_line_every_piece_from_right_to_left_is_isolated(line: str) -> None:
    assert {unicodedata.bidirectional(char) for char in loose(line)}.isdisjoint({"R", "AL", "AN"})


@pytest.mark.parametrize("line", mixed_lines())
def test_every_isolate_is_closed_in_its_line(line: str) -> None:
    assert line.count("\u2068") == line.count("\u2069")


@pytest.mark.parametrize("title", [ARABIC, HEBREW])
def test_a_title_on_a_line_of_its_own_is_read_from_the_right(title: str) -> None:
    lead = Lead(feed_url="f", source="Wire", title=title, url=None, summary=title, published=AT)
    first, second, *_ = render_development(lead, ("40",), STYLE).text.split("\n")
    assert [base_direction(first), base_direction(second)] == ["right", "right"]
