"""`newsbell run` between a feed and a Bot API server, on a folder of its own."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bot_process import Bot
from feed_server import FeedServer, Item

from bot.demo.botapi import BotApiServer

NEWS = Item(id="1", title="A refinery for rare earths", link="https://wire.example/1")


@dataclass
class World:
    feed: FeedServer
    telegram: BotApiServer
    folder: Path

    def variables(self, **changes: str) -> dict[str, str]:
        (self.folder / "rules.yaml").write_text(self.feed.rules(), encoding="utf-8")
        return {
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            **changes,
        }

    async def start(self, *arguments: str, **changes: str) -> Bot:
        return await Bot.start(*arguments, folder=self.folder, **self.variables(**changes))

    def deliveries(self) -> list[str]:
        """The states of all deliveries."""
        with sqlite3.connect(self.folder / "newsbell.db") as db:
            return [state for (state,) in db.execute("SELECT state FROM delivery ORDER BY id")]
