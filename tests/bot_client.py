"""python-telegram-bot as the tests of the Bot API server use it."""

from __future__ import annotations

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

from bot.demo.botapi import BotApiServer

TOKEN = "123456:AAcanary-token_for-tests"
NO_TLS = {"verify": False}
"""Loading the certificates that nothing here needs takes most of a test's time."""


def bot_of(server: BotApiServer, token: str | None = None) -> Bot:
    """A client of the server, under its own token if no other is named; to be closed by whoever asks for it."""
    return Bot(
        token or server.token,
        base_url=f"{server.url}/bot",
        request=HTTPXRequest(httpx_kwargs=NO_TLS),
        get_updates_request=HTTPXRequest(httpx_kwargs=NO_TLS),
    )


def keyboard(*data: str) -> InlineKeyboardMarkup:
    """A button a row for each piece of callback data."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(text=d, callback_data=d)] for d in data])
