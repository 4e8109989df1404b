"""What is forgotten, and how much at once."""

from __future__ import annotations

from typing import Final

PRUNED_AT_ONCE: Final = 2000
"""Rows that one statement deletes; what is left waits for the next call. So nobody waits long for the lock."""

PRUNE_DELIVERIES: Final = """
DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE finished_at<? LIMIT ?)
"""

PRUNE_STORIES: Final = """
DELETE FROM story WHERE id IN (
  SELECT id FROM story WHERE updated_at<?
  AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.story_id=story.id) LIMIT ?)
"""

PRUNE_HELD: Final = """
DELETE FROM held WHERE id IN (SELECT id FROM held WHERE released_at<? LIMIT ?)
"""

PRUNE_COOLDOWNS: Final = """
DELETE FROM cooldown WHERE (chat, thread, rule) IN (SELECT chat, thread, rule FROM cooldown WHERE until<? LIMIT ?)
"""

PRUNE_ENTRIES: Final = """
DELETE FROM entry WHERE (feed_url, key) IN (SELECT feed_url, key FROM entry WHERE last_seen_at<? LIMIT ?)
"""

PRUNE_CONDITIONS: Final = """
DELETE FROM condition WHERE (kind, subject) IN (
  SELECT kind, subject FROM condition WHERE ended_at<? AND told='end' LIMIT ?)
"""

PRUNE_ARTICLES: Final = (PRUNE_DELIVERIES, PRUNE_STORIES, PRUNE_HELD, PRUNE_COOLDOWNS, PRUNE_CONDITIONS)
"""In this order: a story goes once nothing is owed for it. Parameters: a time, a number of rows."""
