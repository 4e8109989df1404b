"""The Bot API's methods on this Telegram: arguments in, JSON result or Refusal out. No HTTP here."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from bot.demo.botapi.arguments import Arguments
from bot.demo.botapi.chats import Chat, ChatKind, Person, Standing
from bot.demo.botapi.messages import Rendering
from bot.demo.botapi.refusals import Refusal, bad_request
from bot.demo.botapi.sending import Sending
from bot.demo.botapi.updates import MAX_LIMIT, MAX_TIMEOUT, UpdateQueue

MAX_COMMANDS = 100
_COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
_MAX_DESCRIPTION = 256
_MAX_CALLBACK_ANSWER = 200

Method = Callable[[Arguments], Awaitable[Any]]


class Methods:
    """The table of methods; names know no case."""

    def __init__(self, *, bot: Person, sending: Sending, rendering: Rendering, updates: UpdateQueue) -> None:
        self._bot = bot
        self._sending = sending
        self._rendering = rendering
        self._updates = updates
        self._commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self._callbacks: dict[str, Arguments | None] = {}
        self._table: dict[str, Method] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "deletewebhook": self._delete_webhook,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "forwardmessage": self._forward_message,
            "editmessagetext": self._edit_message_text,
            "deletemessage": self._delete_message,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
            "deletemycommands": self._delete_my_commands,
            "getchat": self._get_chat,
            "getchatmember": self._get_chat_member,
            "getchatadministrators": self._get_chat_administrators,
        }

    @property
    def callback_answers(self) -> dict[str, Arguments | None]:
        """The presses of buttons by query id, and how the bot answered; None where it has not yet."""
        return self._callbacks

    async def perform(self, method: str, arguments: Arguments) -> Any:
        """The JSON result of a call. Raises Refusal."""
        handler = self._table.get(method.lower())
        if handler is None:
            raise Refusal(404, "Not Found: method not found")
        return await handler(arguments)

    async def _get_me(self, _: Arguments) -> Any:
        return {
            **self._bot.as_json(),
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def _get_updates(self, arguments: Arguments) -> Any:
        kinds = arguments.decoded("allowed_updates")
        if isinstance(kinds, list):
            self._updates.allow(frozenset(str(kind) for kind in kinds))
        return await self._updates.poll(
            arguments.number("offset"),
            min(max(arguments.number("limit", MAX_LIMIT), 1), MAX_LIMIT),
            min(max(arguments.number("timeout"), 0), MAX_TIMEOUT),
        )

    async def _delete_webhook(self, arguments: Arguments) -> Any:
        if arguments.flag("drop_pending_updates"):
            self._updates.clear()
        return True

    async def _send_message(self, arguments: Arguments) -> Any:
        return self._rendering.message(self._sending.send_text(arguments))

    async def _send_photo(self, arguments: Arguments) -> Any:
        return self._rendering.message(self._sending.send_photo(arguments))

    async def _forward_message(self, arguments: Arguments) -> Any:
        return self._rendering.message(self._sending.forward(arguments))

    async def _edit_message_text(self, arguments: Arguments) -> Any:
        return self._rendering.message(self._sending.edit_text(arguments))

    async def _delete_message(self, arguments: Arguments) -> Any:
        self._sending.delete(arguments)
        return True

    async def _answer_callback_query(self, arguments: Arguments) -> Any:
        query_id = arguments.text("callback_query_id")
        if query_id not in self._callbacks:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if len(arguments.text("text")) > _MAX_CALLBACK_ANSWER:
            raise bad_request("MESSAGE_TOO_LONG")
        self._callbacks[query_id] = arguments
        return True

    async def _set_my_commands(self, arguments: Arguments) -> Any:
        self._commands[_scope_of(arguments)] = _read_commands(arguments)
        return True

    async def _get_my_commands(self, arguments: Arguments) -> Any:
        return self._commands.get(_scope_of(arguments), [])

    async def _delete_my_commands(self, arguments: Arguments) -> Any:
        self._commands.pop(_scope_of(arguments), None)
        return True

    async def _get_chat(self, arguments: Arguments) -> Any:
        chat = self._sending.readable_chat(arguments.text("chat_id"))
        gifts = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        return {
            **chat.as_json(),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
        }

    async def _get_chat_member(self, arguments: Arguments) -> Any:
        chat = self._sending.readable_chat(arguments.text("chat_id"))
        user_id = arguments.number("user_id")
        if user_id <= 0:
            raise bad_request("invalid user_id specified")
        return self._member(chat, user_id)

    async def _get_chat_administrators(self, arguments: Arguments) -> Any:
        chat = self._sending.readable_chat(arguments.text("chat_id"))
        if chat.kind is ChatKind.PRIVATE:
            raise bad_request("there are no administrators in the private chat")
        ids = sorted(chat.administrators)
        if chat.standing is Standing.ADMINISTRATOR:
            ids.append(self._bot.id)
        return [self._member(chat, user_id) for user_id in ids]

    def _member(self, chat: Chat, user_id: int) -> dict[str, Any]:
        if user_id == self._bot.id:
            status = _STATUS_OF_BOT[chat.standing]
            return _member_json(self._bot, status)
        person = self._sending.person(user_id)
        if user_id in chat.administrators:
            return _member_json(person, "administrator")
        known = user_id in chat.members or chat.id == user_id
        return _member_json(person, "member" if known else "left")


_STATUS_OF_BOT = {
    Standing.ADMINISTRATOR: "administrator",
    Standing.MEMBER: "member",
    Standing.READER: "member",
    Standing.LEFT: "left",
    Standing.KICKED: "kicked",
    Standing.BLOCKED: "kicked",
    Standing.DEACTIVATED: "left",
    Standing.DELETED: "left",
}
_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_messages", "can_edit_messages",
    "can_pin_messages", "can_post_stories", "can_edit_stories", "can_delete_stories", "can_manage_topics",
)  # fmt: skip


def _member_json(person: Person, status: str) -> dict[str, Any]:
    plain: dict[str, Any] = {"user": person.as_json(), "status": status}
    if status == "administrator":
        return {**plain, "can_be_edited": False, "is_anonymous": False, **dict.fromkeys(_RIGHTS, True)}
    if status == "kicked":
        return {**plain, "until_date": 0}
    return plain


def _scope_of(arguments: Arguments) -> tuple[str, str]:
    scope = arguments.decoded("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), arguments.text("language_code")


def _read_commands(arguments: Arguments) -> list[dict[str, str]]:
    values = arguments.decoded("commands")
    if not isinstance(values, list):
        raise bad_request("Expected an Array of BotCommand")
    if len(values) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands: list[dict[str, str]] = []
    for value in values:
        if not isinstance(value, dict):
            raise bad_request("Can't parse BotCommand: expected an Object")
        name = str(value.get("command", "")).removeprefix("/")
        description = str(value.get("description", ""))
        if not _COMMAND_NAME.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= _MAX_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append({"command": name, "description": description})
    return commands
