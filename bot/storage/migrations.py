"""The schema's history. A migration that has been released is never edited; a change is a new one."""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database, Migrations

SCHEMA: Final = Migrations("newsbell")


@SCHEMA()
def m001_feeds_articles_stories_deliveries(db: Database) -> None:
    """The first schema. Times are seconds since the epoch; lists and messages are JSON."""
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.execute(statement)


@SCHEMA()
def m002_cooldowns(db: Database) -> None:
    """Rules that cool down in a chat, and the stories that wait for them; `thread` 0 is none."""
    for statement in _COOLDOWNS.split(";"):
        db.execute(statement)


_COOLDOWNS: Final = """
CREATE TABLE cooldown(
  chat TEXT NOT NULL,
  thread INTEGER NOT NULL,
  rule TEXT NOT NULL,
  until REAL NOT NULL,
  PRIMARY KEY(chat, thread, rule)
) WITHOUT ROWID;

CREATE TABLE held(
  id INTEGER PRIMARY KEY,
  dedupe_key TEXT NOT NULL UNIQUE,
  chat TEXT NOT NULL,
  thread INTEGER NOT NULL,
  rule TEXT NOT NULL,
  story_id TEXT NOT NULL,
  title TEXT NOT NULL,
  url TEXT,
  source TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at REAL NOT NULL,
  released_at REAL
);
CREATE INDEX held_waiting ON held(chat, thread, rule) WHERE released_at IS NULL
"""

_FIRST: Final = """
CREATE TABLE feed(
  url TEXT PRIMARY KEY,
  fetch_url TEXT NOT NULL,
  title TEXT,
  etag TEXT,
  last_modified TEXT,
  moved_to TEXT,
  moved_since REAL,
  moved_polls INTEGER NOT NULL DEFAULT 0,
  first_polled_at REAL,
  polled_at REAL,
  next_due_at REAL NOT NULL,
  interval REAL NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  repeated_ids TEXT NOT NULL DEFAULT '[]',
  published TEXT NOT NULL DEFAULT '[]',
  listed_at REAL
);

CREATE TABLE entry(
  feed_url TEXT NOT NULL,
  key TEXT NOT NULL,
  first_seen_at REAL NOT NULL,
  last_seen_at REAL NOT NULL,
  PRIMARY KEY(feed_url, key)
) WITHOUT ROWID;
CREATE INDEX entry_last_seen ON entry(last_seen_at);

CREATE TABLE story(
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL
);
CREATE INDEX story_updated ON story(updated_at);

CREATE TABLE article(
  id INTEGER PRIMARY KEY,
  story_id TEXT NOT NULL REFERENCES story(id) ON DELETE CASCADE,
  reason TEXT NOT NULL,
  feed_url TEXT NOT NULL,
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  entry_id TEXT,
  url TEXT,
  canonical_url TEXT,
  text_key TEXT,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  content TEXT NOT NULL,
  language TEXT,
  published_at REAL,
  recorded_at REAL NOT NULL,
  matches TEXT NOT NULL,
  UNIQUE(feed_url, key)
);
CREATE INDEX article_canonical_url ON article(canonical_url) WHERE canonical_url IS NOT NULL;
CREATE INDEX article_text_key ON article(text_key) WHERE text_key IS NOT NULL;
CREATE INDEX article_story ON article(story_id);

CREATE TABLE chat(
  address TEXT PRIMARY KEY,
  next_send_at REAL NOT NULL DEFAULT 0,
  claimed_at REAL NOT NULL DEFAULT 0,
  last_message_id INTEGER
);

CREATE TABLE delivery(
  id INTEGER PRIMARY KEY,
  dedupe_key TEXT NOT NULL UNIQUE,
  story_id TEXT NOT NULL,
  chat TEXT NOT NULL REFERENCES chat(address),
  thread INTEGER,
  rules TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK(state IN
    ('pending', 'sending', 'uncertain', 'sent', 'failed', 'expired', 'suppressed')),
  priority INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL,
  not_before REAL NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  uncertain_count INTEGER NOT NULL DEFAULT 0,
  lease_until REAL,
  lease_token INTEGER NOT NULL DEFAULT 0,
  message_id INTEGER,
  why TEXT,
  finished_at REAL
);
CREATE UNIQUE INDEX delivery_one_in_flight ON delivery(chat) WHERE state IN ('sending', 'uncertain');
CREATE INDEX delivery_lease ON delivery(lease_until) WHERE state = 'sending';
CREATE INDEX delivery_doubt ON delivery(not_before) WHERE state = 'uncertain';
CREATE INDEX delivery_story ON delivery(story_id);
CREATE INDEX delivery_head ON delivery(chat, priority DESC, id) WHERE state = 'pending';
CREATE INDEX delivery_finished ON delivery(finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE heartbeat(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  at REAL NOT NULL
)
"""
