"""Newsbell: polls news feeds and rings Telegram chats once for each story that matters."""

__version__ = "0.1.0"
