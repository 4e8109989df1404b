from __future__ import annotations

import pytest
from builders import NOON

from bot.alerts.conditions import condition_notice
from bot.models import Condition, ConditionKind, EntityKind, Message

KICKED = "Forbidden: bot was kicked from the channel chat"
PAUSED, DEAD, MIGRATED, TWICE, TOPIC, AUDIT, RULE = ConditionKind


def begun(kind: ConditionKind, subject: str = "@wire", why: str = KICKED) -> Message:
    return condition_notice(Condition(kind=kind, subject=subject, why=why, began_at=NOON))


def ended(kind: ConditionKind, subject: str = "@wire", why: str = KICKED) -> Message:
    return condition_notice(Condition(kind=kind, subject=subject, why=why, began_at=NOON, ended_at=NOON))


def covered(message: Message, kind: EntityKind) -> list[str]:
    units = message.text.encode("utf-16-le")
    return [
        units[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le")
        for e in message.entities
        if e.kind is kind
    ]


# Every kind.


@pytest.mark.parametrize("kind", ConditionKind)
def test_the_first_line_is_bold_and_says_what_is_wrong_and_where(kind: ConditionKind) -> None:
    message = begun(kind, "-1001/7" if kind is TOPIC else "@wire", "-1002")
    (bold,) = covered(message, EntityKind.BOLD)
    assert bold == message.text.split("\n")[0]
    assert bold.startswith("⚠️ ")
    assert ("-1001" if kind is TOPIC else "@wire") in bold


@pytest.mark.parametrize("kind", ConditionKind)
def test_the_end_is_told_in_a_bold_line_of_its_own(kind: ConditionKind) -> None:
    message = ended(kind, "-1001/7" if kind is TOPIC else "@wire", "-1002")
    (bold,) = covered(message, EntityKind.BOLD)
    assert bold == message.text.split("\n")[0]
    assert bold.startswith("✅ ")
    assert ("-1001" if kind is TOPIC else "@wire") in bold


@pytest.mark.parametrize("kind", ConditionKind)
def test_an_end_says_nothing_of_how_to_mend_it(kind: ConditionKind) -> None:
    assert covered(ended(kind), EntityKind.ITALIC) == []


@pytest.mark.parametrize("kind", ConditionKind)
def test_what_is_to_be_typed_stands_in_italics_and_not_between_backticks(kind: ConditionKind) -> None:
    message = begun(kind)
    assert covered(message, EntityKind.ITALIC)
    assert "`" not in message.text


def test_a_notice_shows_no_preview_of_what_it_names() -> None:
    assert not begun(PAUSED).preview


@pytest.mark.parametrize("kind", [PAUSED, DEAD, TOPIC, AUDIT, RULE])
def test_the_reason_stands_in_a_line_of_its_own_as_it_was_given(kind: ConditionKind) -> None:
    assert f": {KICKED}\n" in begun(kind).text


def test_a_reason_of_many_lines_is_one_line_and_cut() -> None:
    lines = begun(PAUSED, why="bot was\nkicked\x00 " * 500).text.split("\n")
    assert lines[1].startswith("Telegram says: bot was kicked bot was kicked")
    assert len(lines[1]) < 450


# Chats.


@pytest.mark.parametrize(
    ("why", "remedy"),
    [
        ("Forbidden: bot was blocked by the user", "unblock the bot"),
        ("Forbidden: bot can't initiate conversation with a user", "write to the bot first"),
        ("User not found", "write to the bot first"),
        (KICKED, "Add the bot to the chat again, in a channel as an administrator that may post messages"),
        ("Forbidden: bot was kicked from the supergroup chat", "Add the bot to the chat again"),
        (
            "Forbidden: bot is not a member of the channel chat",
            "Add the bot to the chat, in a channel as an administrator that may post messages",
        ),
        ("Channel_private", "Add the bot to the chat, in a channel"),
        ("Not enough rights to send text messages to the chat", "an administrator that may post messages"),
        ("Need administrator rights in the channel chat", "an administrator that may post messages"),
        ("Have no write access to the chat", "an administrator that may post messages"),
        ("Chat_write_forbidden", "an administrator that may post messages"),
        ("Chat not found", "See that chat in rules.yaml is its name or id"),
        ("Something else altogether", "See that the bot is in the chat"),
    ],
)
def test_the_way_to_mend_a_paused_chat_follows_from_the_reason(why: str, remedy: str) -> None:
    assert remedy in begun(PAUSED, why=why).text


def test_a_kicked_bot_is_not_told_to_be_unblocked() -> None:
    assert "unblock" not in begun(PAUSED).text


@pytest.mark.parametrize("chat", ["@wire", "-1001234567890"])
def test_the_command_that_tries_a_paused_chat_at_once_can_be_copied(chat: str) -> None:
    assert f"newsbell outbox retry --chat {chat}" in covered(begun(PAUSED, chat), EntityKind.ITALIC)


def test_of_a_paused_chat_it_is_told_that_its_queue_waits() -> None:
    text = begun(PAUSED).text
    assert "Its queue waits; what is older than its expires becomes a line of one digest." in text


def test_of_a_dead_chat_it_is_told_that_its_queue_has_failed() -> None:
    text = begun(DEAD, why="Forbidden: user is deactivated").text
    assert "What it was owed has failed" in text
    assert "newsbell outbox retry --chat @wire sends what failed" in text


def test_of_a_migrated_group_the_new_id_is_told() -> None:
    message = begun(MIGRATED, "-1001", "-1001234567890")
    assert "-1001234567890" in covered(message, EntityKind.ITALIC)
    assert "Telegram says" not in message.text


def test_of_a_chat_under_two_names_both_are_told() -> None:
    (bold,) = covered(begun(TWICE, "@wire", "-1001"), EntityKind.BOLD)
    assert bold == "⚠️ @wire and -1001 are one chat."


# Topics, audit chat, rules.


def test_a_closed_topic_is_to_be_reopened() -> None:
    message = begun(TOPIC, "-1001/7", "Topic_closed")
    assert message.text.startswith("⚠️ The topic 7 of -1001 takes no messages.\n")
    assert "Reopen the topic" in message.text


@pytest.mark.parametrize("why", ["Topic_deleted", "Message thread not found"])
def test_a_deleted_topic_is_to_be_changed_in_the_rules(why: str) -> None:
    message = begun(TOPIC, "@wire/7", why)
    assert {"thread: 7", "rules.yaml"} <= set(covered(message, EntityKind.ITALIC))
    assert "Reopen" not in message.text


def test_an_audit_chat_wants_the_bot_and_forwarding() -> None:
    text = begun(AUDIT, why="the audit chat @wire is closed to the bot: it is not a member").text
    assert "Add the bot there" in text
    assert "allow forwarding" in text


def test_an_audit_chat_that_moved_wants_its_new_id_in_the_rules() -> None:
    why = "the audit chat -1001 has become a supergroup with the id -1001234567890"
    text = begun(AUDIT, "-1001", why).text
    assert "id -1001234567890\n" in text
    assert "Put the new id under audit in rules.yaml." in text


def test_a_paused_rule_may_be_narrowed_or_given_a_higher_cap() -> None:
    message = begun(RULE, "brics", "rang on 812 of 900 articles in an hour, the day before on 2 %")
    assert "Why: rang on 812 of 900 articles" in message.text
    assert covered(message, EntityKind.ITALIC) == ["cap", "newsbell check", "newsbell match"]
