from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.demo.chats import Post, faults
from bot.demo.newsroom import Development, Expected
from bot.models import Message

CHAT = "@brics_watch"
ALERT = Expected(
    chat=CHAT,
    title="Five tell it",
    titles=("Five tell it", "Пятеро"),
    rules=("brics",),
    breaks_at=timedelta(seconds=1),
    sources=5,
    development=Development(title="It grows", breaks_at=timedelta(seconds=9)),
)
TIME = datetime(2031, 5, 4, 12, 30, tzinfo=UTC)


def post(number: int, text: str, *, chat: str = CHAT, answers: int | None = None) -> Post:
    return Post(chat=chat, id=number, at=TIME, message=Message(text=text), edits=0, answers=answers)


FIRST = post(1, "Five tell it\nTwo sentences.\n\n📰 A · B · 5 sources · 4 May 15:30 UTC+3")
ANSWER = post(2, "🔄 It grows\nTwo sentences.\n\nNew: 40", answers=1)


def test_a_message_in_full_and_its_answer_are_faultless() -> None:
    assert faults([ALERT], [FIRST, ANSWER]) == []


def test_a_missing_message_is_a_fault() -> None:
    assert faults([replace(ALERT, development=None)], []) == ["missing in @brics_watch: Five tell it"]


def test_a_second_copy_is_a_fault() -> None:
    assert faults([ALERT], [FIRST, replace(FIRST, id=3), ANSWER]) == ["2 times in @brics_watch: Five tell it"]


def test_a_message_that_counts_too_few_sources_in_the_end_is_a_fault() -> None:
    early = post(1, FIRST.text.replace("5 sources", "2 sources"))
    assert [fault.partition(":")[0] for fault in faults([ALERT], [early, ANSWER])] == [
        "not of 5 under the first title in @brics_watch"
    ]


def test_a_message_that_keeps_the_title_of_a_later_outlet_is_a_fault() -> None:
    other = post(1, FIRST.text.replace("Five tell it", "Пятеро"))
    assert len(faults([ALERT], [other, ANSWER])) == 1


def test_a_missing_answer_is_a_fault() -> None:
    assert faults([ALERT], [FIRST]) == ["missing in @brics_watch: It grows"]


def test_an_answer_that_comes_twice_is_a_fault() -> None:
    assert faults([ALERT], [FIRST, ANSWER, replace(ANSWER, id=3)]) == ["2 times in @brics_watch: It grows"]


def test_an_answer_to_another_message_is_a_fault() -> None:
    assert faults([ALERT], [FIRST, replace(ANSWER, answers=7)]) == [
        "answers another message in @brics_watch: It grows"
    ]


def test_a_message_in_a_chat_that_does_not_follow_is_a_fault() -> None:
    stray = replace(FIRST, chat="@rare_earth_wire")
    assert faults([ALERT], [FIRST, ANSWER, stray]) == ["unexpected in @rare_earth_wire: Five tell it"]
