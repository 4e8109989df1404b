"""The schema's history. A migration that has been released is never edited; a change is a new one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

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


@SCHEMA()
def m003_lives_of_stories(db: Database) -> None:
    """What a story has told, sketches of its articles, replies, and edits of what was sent.

    Stories from before get what their articles still say of them: who told them, what rang, when. What their
    headlines told was not written down then, nor were their articles sketched.
    """
    for statement in _LIVES.split(";"):
        db.execute(statement)
    for story in _stories_from_articles(db):
        db.execute(
            "UPDATE story SET lead=:lead, tellers=:tellers, words=:words, facts='[]', began_at=:began_at, "
            "last_at=:last_at WHERE id=:id",
            story,
        )


def _stories_from_articles(db: Database) -> Iterator[dict[str, Any]]:
    """The columns of each story, from its articles; the first of these leads it."""
    rows = db.query(
        "SELECT story_id, feed_url, source, title, url, summary, matches, "
        "coalesce(published_at, recorded_at) AS at FROM article ORDER BY story_id, id"
    )
    for story_id, group in groupby(rows, key=lambda row: row["story_id"]):
        articles = list(group)
        first = articles[0]
        times = [article["at"] for article in articles]
        tellers: dict[str, str] = {}
        words: dict[str, dict[str, None]] = {}
        for article in articles:
            tellers.setdefault(article["feed_url"], article["source"])
            for match in json.loads(article["matches"]):
                words.setdefault(match["rule"], {}).update(
                    dict.fromkeys(span[3] for span in match["evidence"])
                )
        lead = {name: first[name] for name in ("feed_url", "source", "title", "url", "summary")}
        yield {
            "id": story_id,
            "lead": json.dumps({**lead, "published": first["at"]}, ensure_ascii=False),
            "tellers": json.dumps(list(tellers.items()), ensure_ascii=False),
            "words": json.dumps([[rule, list(said)] for rule, said in words.items()], ensure_ascii=False),
            "began_at": min(times),
            "last_at": max(times),
        }


@SCHEMA()
def m004_outbox(db: Database) -> None:
    """The pace and state of chats, how deliveries are handled, doubts, conditions, pauses.

    `chat.sends` are the times of the latest messages to it as JSON, `chat.urgency` the priority of the delivery that
    may be claimed next, NULL where none waits or one is in flight or in doubt; triggers keep it true, so that a claim
    need not look at every chat. `delivery.previous` is the newest message known in the chat when it was claimed.
    `suspect` marks what may have been sent before the database was restored. What was in flight or in doubt has its
    doubt; addresses that differ in case alone become one chat.
    """
    for statement in _OUTBOX.split(";;"):
        db.execute(statement)


_URGENCY: Final = """
UPDATE chat SET urgency=CASE WHEN EXISTS (
    SELECT 1 FROM delivery d WHERE d.chat=chat.address
    AND (d.state='sending' OR (d.state='uncertain' AND d.kind<>'edit'))) THEN NULL
  ELSE (SELECT d.priority FROM delivery d WHERE d.chat=chat.address AND d.state='pending' AND d.waits=0
    ORDER BY d.priority DESC, d.id LIMIT 1) END
"""

_OUTBOX: Final = """
ALTER TABLE chat ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK(state IN ('active', 'paused', 'dead'));;
ALTER TABLE chat ADD COLUMN closed_tries INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE chat ADD COLUMN telegram_id INTEGER;;
ALTER TABLE chat ADD COLUMN kind TEXT CHECK(kind IN ('private', 'group', 'supergroup', 'channel'));;
ALTER TABLE chat ADD COLUMN same_as TEXT REFERENCES chat(address);;
ALTER TABLE chat ADD COLUMN sends TEXT NOT NULL DEFAULT '[]';;
ALTER TABLE chat ADD COLUMN urgency INTEGER;;
UPDATE chat SET sends=json_array(claimed_at) WHERE claimed_at>0;;
UPDATE chat SET telegram_id=CAST(address AS INTEGER) WHERE ltrim(address, '-') NOT GLOB '*[^0-9]*'
  AND length(address) BETWEEN 1 AND 18 AND address<>'-';;
CREATE INDEX chat_name ON chat(address COLLATE NOCASE);;
UPDATE chat SET same_as=(SELECT address FROM chat k WHERE k.address=chat.address COLLATE NOCASE ORDER BY rowid LIMIT 1)
  WHERE EXISTS(SELECT 1 FROM chat k WHERE k.address=chat.address COLLATE NOCASE AND k.rowid<chat.rowid);;
UPDATE delivery SET named_chat=coalesce(named_chat, chat), chat=(SELECT same_as FROM chat WHERE address=delivery.chat)
  WHERE state NOT IN ('sending', 'uncertain')
  AND EXISTS(SELECT 1 FROM chat WHERE address=delivery.chat AND same_as IS NOT NULL);;
CREATE INDEX chat_turn ON chat(urgency, next_send_at) WHERE urgency IS NOT NULL;;
CREATE INDEX chat_telegram_id ON chat(telegram_id) WHERE telegram_id IS NOT NULL;;

ALTER TABLE delivery ADD COLUMN feed_url TEXT;;
ALTER TABLE delivery ADD COLUMN expires_at REAL;;
ALTER TABLE delivery ADD COLUMN on_uncertain TEXT NOT NULL DEFAULT 'resend' CHECK(on_uncertain IN ('resend', 'drop'));;
ALTER TABLE delivery ADD COLUMN on_topic_closed TEXT NOT NULL DEFAULT 'general'
  CHECK(on_topic_closed IN ('general', 'hold', 'drop'));;
ALTER TABLE delivery ADD COLUMN previous INTEGER;;
ALTER TABLE delivery ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE delivery ADD COLUMN plain INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE delivery ADD COLUMN tells_of INTEGER NOT NULL DEFAULT 0;;
UPDATE delivery SET previous=(SELECT last_message_id FROM chat WHERE address=delivery.chat)
  WHERE state IN ('sending', 'uncertain');;
CREATE INDEX delivery_expiry ON delivery(expires_at) WHERE state='pending' AND expires_at IS NOT NULL;;
CREATE INDEX delivery_expired ON delivery(chat, finished_at) WHERE state='expired';;
CREATE INDEX delivery_recent ON delivery(created_at) WHERE kind='message' AND state<>'suppressed';;
CREATE INDEX article_recorded ON article(recorded_at);;
ALTER TABLE feed ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE held ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0;;
CREATE INDEX delivery_topic ON delivery(chat, thread, priority DESC, id) WHERE state='pending' AND waits=2;;

CREATE TABLE topic(
  chat TEXT NOT NULL,
  thread INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  try_at REAL NOT NULL,
  feeler INTEGER,
  PRIMARY KEY(chat, thread)
) WITHOUT ROWID;;

CREATE TABLE doubt(
  id INTEGER PRIMARY KEY,
  delivery_id INTEGER NOT NULL REFERENCES delivery(id) ON DELETE CASCADE,
  began_at REAL NOT NULL,
  why TEXT NOT NULL,
  verdict TEXT CHECK(verdict IN ('present', 'absent', 'resent', 'dropped')),
  ended_at REAL
);;
CREATE INDEX doubt_delivery ON doubt(delivery_id);;
INSERT INTO doubt(delivery_id, began_at, why) SELECT id, not_before, coalesce(why, 'nobody said why')
  FROM delivery WHERE state='uncertain' AND kind<>'edit';;

CREATE TABLE condition(
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  why TEXT NOT NULL,
  began_at REAL NOT NULL,
  ended_at REAL,
  told TEXT NOT NULL DEFAULT 'nothing' CHECK(told IN ('nothing', 'begin', 'end')),
  PRIMARY KEY(kind, subject)
) WITHOUT ROWID;;

CREATE TABLE pause(
  rule TEXT PRIMARY KEY,
  until REAL NOT NULL,
  why TEXT NOT NULL
) WITHOUT ROWID;;

CREATE TRIGGER delivery_added AFTER INSERT ON delivery WHEN NEW.state='pending' BEGIN
URGENCY WHERE address=NEW.chat;
END;;
CREATE TRIGGER delivery_changed AFTER UPDATE OF state, waits, chat, priority ON delivery BEGIN
URGENCY WHERE address IN (OLD.chat, NEW.chat);
END;;
CREATE TRIGGER delivery_gone AFTER DELETE ON delivery WHEN OLD.state IN ('pending', 'sending', 'uncertain') BEGIN
URGENCY WHERE address=OLD.chat;
END;;
URGENCY
""".replace("URGENCY", _URGENCY)

_LIVES: Final = """
ALTER TABLE story ADD COLUMN lead TEXT;
ALTER TABLE story ADD COLUMN tellers TEXT;
ALTER TABLE story ADD COLUMN words TEXT;
ALTER TABLE story ADD COLUMN facts TEXT;
ALTER TABLE story ADD COLUMN began_at REAL;
ALTER TABLE story ADD COLUMN last_at REAL;
ALTER TABLE story ADD COLUMN developed_at REAL;
ALTER TABLE story ADD COLUMN follows TEXT;

CREATE TABLE sketch(
  article_id INTEGER PRIMARY KEY REFERENCES article(id) ON DELETE CASCADE,
  story_id TEXT NOT NULL,
  feed_url TEXT NOT NULL,
  at REAL NOT NULL,
  sketch BLOB NOT NULL
);
CREATE INDEX sketch_at ON sketch(at);

ALTER TABLE delivery ADD COLUMN kind TEXT NOT NULL DEFAULT 'message' CHECK(kind IN ('message', 'reply', 'edit'));
ALTER TABLE delivery ADD COLUMN alert TEXT;
ALTER TABLE delivery ADD COLUMN target_id INTEGER REFERENCES delivery(id) ON DELETE SET NULL;
ALTER TABLE delivery ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN named_chat TEXT;
CREATE INDEX delivery_target ON delivery(target_id) WHERE target_id IS NOT NULL;
DROP INDEX delivery_head;
CREATE INDEX delivery_head ON delivery(chat, waits, priority DESC, id) WHERE state='pending';
DROP INDEX delivery_one_in_flight;
CREATE UNIQUE INDEX delivery_one_in_flight ON delivery(chat)
  WHERE state='sending' OR (state='uncertain' AND kind<>'edit');

CREATE TABLE revision(
  delivery_id INTEGER PRIMARY KEY REFERENCES delivery(id) ON DELETE CASCADE,
  payload TEXT NOT NULL,
  wanted INTEGER NOT NULL,
  edits INTEGER NOT NULL DEFAULT 0,
  since REAL
);
CREATE INDEX revision_wanted ON revision(edits, since) WHERE wanted=1
"""

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
