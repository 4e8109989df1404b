"""A Telegram Bot API server on loopback: Telegram's methods, rules, limits and error texts, without Telegram.

The real bot talks to it over HTTP as to the real one. Chats live in `server.chats`, faults are set by
`server.script`, and `server.history` answers what happened. The wording of errors and the rules of texts are those
of tdlib/telegram-bot-api and tdlib/td as of May 2026.
"""

from bot.demo.botapi.chats import Chat, ChatKind, ChatRegistry, Person, Standing, Topic
from bot.demo.botapi.entities import Entity, FormattedText
from bot.demo.botapi.faults import Ending, Fault, Script
from bot.demo.botapi.history import Answer, Call, Duplicate, Edit, History, Sent
from bot.demo.botapi.limits import Limits
from bot.demo.botapi.messages import Message, Photo
from bot.demo.botapi.server import BotApiServer

__all__ = [
    "Answer",
    "BotApiServer",
    "Call",
    "Chat",
    "ChatKind",
    "ChatRegistry",
    "Duplicate",
    "Edit",
    "Ending",
    "Entity",
    "Fault",
    "FormattedText",
    "History",
    "Limits",
    "Message",
    "Person",
    "Photo",
    "Script",
    "Sent",
    "Standing",
    "Topic",
]
