"""Inline keyboards: what Telegram lets a bot attach to a message (Client.cpp, ReplyMarkup.cpp)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.demo.botapi.links import BadLink, checked_link, mentioned_user
from bot.demo.botapi.refusals import Refusal, bad_request

MAX_CALLBACK_DATA = 64
Keyboard = list[list[dict[str, Any]]]


def read_keyboard(argument: str) -> Keyboard | None:
    """The inline keyboard of a `reply_markup` argument, None without one. Raises Refusal.

    Keyboards of other kinds change how users write, not the message; they are accepted and forgotten.
    """
    if not argument:
        return None
    try:
        markup = json.loads(argument)
    except ValueError:
        raise bad_request("Can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad_request("Object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list):
        raise bad_request('Field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    keyboard = [[_button(button) for button in row] for row in rows]
    return [row for row in keyboard if row] or None


def _button(button: object) -> dict[str, Any]:
    if not isinstance(button, Mapping):
        raise _unparsable("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise _unparsable('Can\'t find field "text"')
    if not text:
        raise bad_request("Inline keyboard button text must be non-empty")
    if button.get("url"):
        return {"text": text, "url": _button_url(str(button["url"]))}
    if button.get("callback_data"):
        data = str(button["callback_data"])
        if len(data.encode("utf-8", "surrogatepass")) > MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"text": text, "callback_data": data}
    others = {name: value for name, value in button.items() if name not in {"text", "url", "callback_data"}}
    if not others:
        raise _unparsable("Text buttons are unallowed in the inline keyboard")
    return {"text": text, **others}


def _button_url(url: str) -> str:
    if mentioned_user(url) is not None:
        return url
    try:
        return checked_link(url)
    except BadLink as refused:
        raise bad_request(f"Inline keyboard button URL '{url}' is invalid: {refused}") from None


def _unparsable(reason: str) -> Refusal:
    return bad_request(f"Can't parse inline keyboard button: {reason}")
