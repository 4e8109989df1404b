"""A small newsroom on loopback: news feeds in five languages whose stories break while the demo runs.

texts/*.yaml ─► stories (what is told, when) ─► timeline (what a feed holds now) ─► rendering ─► server
                    │
                    └─► expectations (which alerts must come of it)
"""

from bot.demo.newsroom.expectations import Development, Expected
from bot.demo.newsroom.server import Newsroom, Request

__all__ = ["Development", "Expected", "Newsroom", "Request"]
