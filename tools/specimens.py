"""A message of each kind, of made-up news, for the pictures in docs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.alerts.conditions import condition_notice
from bot.alerts.digest import backlog_digest, gathered
from bot.alerts.rendering import Style, render, render_development
from bot.models import (
    Alert,
    Backlog,
    Condition,
    ConditionKind,
    Earlier,
    Headline,
    Held,
    Lead,
    Message,
    MessagePart,
    Place,
    Reason,
)

NOON: Final = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
STYLE: Final = Style(timezone=ZoneInfo("Europe/Istanbul"))
WIRE: Final = "@rare_earth_wire"

ALERT: Final = Alert(
    title="Türkiye sends its energy minister to China over rare earths",
    url="https://ledger.example/minister",
    summary="The minister flies to Beijing in October to talk about the Eskişehir field. A refinery is to follow.",
    reasons=(
        Reason(rule="rare-earth", title="Rare earths", words=("rare earths",)),
        Reason(rule="brics", title="BRICS", words=("BRICS",)),
    ),
    sources=("Anatolian Ledger",),
    published=NOON,
)
ARABIC: Final = replace(
    ALERT,
    title="تركيا تطلب شراكة مع الصين في المعادن الأرضية النادرة",
    summary="يزور وزير الطاقة بكين في أكتوبر. ومن المقرر بناء مصفاة في إسكي شهير.",
    reasons=(Reason(rule="rare-earth", title="Rare earths", words=("المعادن الأرضية النادرة",)),),
    sources=("صدى الأناضول", "Anatolian Ledger"),
)
TITLES: Final = (
    "Gallium prices double within a week",
    "A refinery for rare earths near Eskişehir",
    "Beijing widens its export licences",
)


def specimens() -> Iterator[tuple[Message, str, str]]:
    """Each message with its chat, and a note on its kind."""
    yield render(ALERT, STYLE), WIRE, "an alert"
    more = (
        "Anatolian Ledger",
        "Meridian Dispatch",
        "Newsglean",
        "Der Morgenbote",
        "亚洲日报",
        "Янтарный телеграф",
    )
    yield render(replace(ALERT, sources=more), STYLE), WIRE, "edited: six sources by now"
    yield render_development(_lead(), ("40", "Beijing"), STYLE), WIRE, "a development, in reply"
    back = replace(
        ALERT, earlier=Earlier(title="Talks on rare earths end without a deal", url="https://l.example/0")
    )
    yield render(back, STYLE), WIRE, "an ended story comes back"
    yield render(ARABIC, STYLE), WIRE, "from right to left"
    template = (MessagePart.TITLE, MessagePart.TIME, MessagePart.SOURCES)
    yield render(ALERT, replace(STYLE, template=template)), "100000001", "template: [title, time, sources]"
    yield (
        gathered("Rare earths", [_held(title) for title in TITLES]),
        WIRE,
        "after a cooldown or beyond a rule's cap",
    )
    yield gathered(None, [_held(TITLES[n % 3]) for n in range(40)]), WIRE, "beyond the channel's cap"
    headlines = tuple(
        Headline(title=title, url="https://l.example/1", source="Newsglean") for title in TITLES
    )
    backlog = Backlog(place=Place(chat=WIRE), ids=(), count=58, headlines=headlines)
    yield backlog_digest(backlog), WIRE, "what grew old while the chat was closed"
    for kind, subject, why in (
        (ConditionKind.CHAT_PAUSED, WIRE, "Forbidden: bot was kicked from the channel chat"),
        (ConditionKind.TOPIC_CLOSED, "-1002000000001/7", "Bad Request: TOPIC_CLOSED"),
        (ConditionKind.RULE_PAUSED, "brics", "rang on 812 of 900 articles in an hour, the day before on 2 %"),
    ):
        begun = Condition(kind=kind, subject=subject, why=why, began_at=NOON)
        yield condition_notice(begun), "operators", kind.value
    over = Condition(
        kind=ConditionKind.CHAT_PAUSED,
        subject=WIRE,
        why="",
        began_at=NOON,
        ended_at=NOON + timedelta(hours=1),
    )
    yield condition_notice(over), "operators", "and its end"


def _lead() -> Lead:
    return Lead(
        feed_url="https://ledger.example/rss.xml",
        source="Anatolian Ledger",
        title="Rare earth deal signed in Beijing",
        url="https://ledger.example/deal",
        summary="The two ministers put their names to it on Friday. Forty engineers begin work in spring.",
        published=NOON + timedelta(hours=5),
    )


def _held(title: str) -> Held:
    return Held(
        dedupe_key=title,
        place=Place(chat=WIRE),
        rule="rare-earth",
        story_id=title,
        title=title,
        url="https://l.example/1",
        source="Meridian Dispatch",
        message=Message(text=title),
    )
