"""Whatever becomes of attempts: what is owed comes to an end, and no chat is forgotten or sent to twice at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from builders import NOON, make_alert, make_delivery
from hypothesis import given, settings
from hypothesis import strategies as st
from outbox_steps import LEASE
from sqlite_utils import Database

from bot.models import (
    ChatDead,
    ChatFacts,
    ChatKind,
    ChatMigrated,
    ChatPaused,
    Delivery,
    Failed,
    Found,
    Handling,
    Missing,
    NewDelivery,
    OnTopicClosed,
    OnUncertain,
    Outcome,
    RenderFault,
    Retry,
    Sent,
    Stopped,
    TopicClosed,
    Uncertain,
    Undecided,
    Unreachable,
    Verdict,
)
from bot.storage import claiming, doubts, finishing, outbox, restarting, standing, twins
from bot.storage.migrations import SCHEMA

Step = NewDelivery | Outcome | Verdict | str

CHATS = ("@wire", "@WIRE", "-1000000000042", "-55", "4711")
FACTS = ChatFacts(id=-1000000000042, kind=ChatKind.SUPERGROUP)

_URGENCY = """
SELECT address, urgency, CASE WHEN EXISTS(SELECT 1 FROM delivery d WHERE d.chat=chat.address
  AND (d.state='sending' OR (d.state='uncertain' AND d.kind<>'edit'))) THEN NULL
  ELSE (SELECT max(priority) FROM delivery d WHERE d.chat=chat.address AND d.state='pending' AND d.waits=0) END AS right
FROM chat WHERE urgency IS NOT right
"""

outcomes: st.SearchStrategy[Outcome] = st.sampled_from(
    [
        Sent(message_id=7),
        Sent(message_id=8, chat=FACTS),
        Retry(after=timedelta(seconds=1), why="flood"),
        Unreachable(why="refused"),
        Uncertain(why="timeout"),
        ChatPaused(why="kicked"),
        ChatMigrated(chat="-1000000000055"),
        ChatDead(why="deleted"),
        TopicClosed(why="TOPIC_CLOSED"),
        RenderFault(why="too long"),
        Failed(why="refused"),
        Stopped(why="unauthorized"),
    ]
)
verdicts: st.SearchStrategy[Verdict] = st.sampled_from(
    [Found(message_id=9), Missing(), Undecided(why="nobody can look")]
)
debts = st.builds(
    lambda number, chat, thread, priority, answers, then, doubtful: make_delivery(
        f"{number}",
        chat,
        thread=thread,
        priority=priority,
        alert=make_alert(),
        story_id=f"story-{number % 3}",
        replies_to=f"{answers}" if answers != number else None,
        handling=Handling(on_topic_closed=then, on_uncertain=doubtful),
    ),
    st.integers(0, 12),
    st.sampled_from(CHATS),
    st.sampled_from([None, 5, 6]),
    st.integers(-1, 1),
    st.integers(0, 12),
    st.sampled_from(OnTopicClosed),
    st.sampled_from(OnUncertain),
)
steps = st.one_of(
    debts,
    outcomes,
    verdicts,
    st.sampled_from(["let it be", "learn", "die", "restore", "edit", "clock back"]),
)


@contextmanager
def outbox_in_memory() -> Iterator[Database]:
    db = Database(memory=True)
    db.execute("PRAGMA foreign_keys=ON")
    SCHEMA.apply(db)
    yield db
    db.close()


class Life:
    """A process that does one thing every ten minutes."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = NOON
        self.left: list[Delivery] = []

    def step(self, step: Step) -> None:
        self.now += timedelta(minutes=10)
        at = self.now.timestamp()
        match step:
            case "let it be":
                self.claim()
            case "learn":
                twins.learn(self.db, "@wire", FACTS, at)
            case "die" | "restore":
                restarting.take_over(self.db, at, restored=step == "restore")
            case "edit":
                self.edit(at)
            case "clock back":
                self.now -= timedelta(hours=1)
                restarting.move_waits(self.db, -3600.0)
            case Found() | Missing() | Undecided():
                for doubt in doubts.due(self.db, at):
                    doubts.resolve(self.db, doubt, step, at)
            case NewDelivery():
                outbox.add_delivery(self.db, step, at)
            case str():
                raise ValueError(step)
            case _:
                self.attempt(step)

    def claim(self) -> Delivery | None:
        while claiming.has_work(self.db, self.now.timestamp()):
            delivery = claiming.claim(self.db, self.now, LEASE)
            if delivery is not None:
                self.left.append(delivery)
                return delivery
        return None

    def attempt(self, outcome: Outcome) -> None:
        """End the attempt that was begun longest ago, or one that begins now."""
        self.claim()
        if self.left:
            finishing.finish(self.db, self.left.pop(0), outcome, self.now.timestamp(), 60.0)

    def edit(self, at: float) -> None:
        for row in list(
            self.db.query("SELECT id, chat, finished_at FROM delivery WHERE state='sent' LIMIT 3")
        ):
            self.db.execute(
                "INSERT INTO revision(delivery_id, payload, wanted, since) VALUES(?, ?, 1, ?) ON CONFLICT DO NOTHING",
                [row["id"], '{"text": "revised", "entities": []}', row["finished_at"]],
            )
        standing.owe_edits(self.db, at, 3, timedelta(seconds=60))


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=40))
def test_whatever_happens_each_chat_knows_how_urgent_its_next_delivery_is(happened: list[Step]) -> None:
    with outbox_in_memory() as db:
        life = Life(db)
        for step in happened:
            life.step(step)
            assert list(db.query(_URGENCY)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=40))
def test_whatever_happens_all_that_is_owed_comes_to_an_end_once_all_is_well(happened: list[Step]) -> None:
    with outbox_in_memory() as db:
        life = Life(db)
        for step in [*happened, "die"]:
            life.step(step)
        life.left.clear()
        for number in range(50):
            life.step(Missing())
            life.step(Sent(message_id=1000 + number))
        states = {row["state"] for row in db.query("SELECT DISTINCT state FROM delivery")}
        assert states <= {"sent", "failed", "suppressed"}


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=40))
def test_whatever_happens_every_doubt_has_its_row_and_no_other_delivery_has_an_open_one(
    happened: list[Step],
) -> None:
    with outbox_in_memory() as db:
        life = Life(db)
        for step in happened:
            life.step(step)
            uncertain = db.query(
                "SELECT id FROM delivery WHERE state='uncertain' AND kind<>'edit' ORDER BY id"
            )
            doubtful = db.query(
                "SELECT delivery_id AS id FROM doubt WHERE verdict IS NULL ORDER BY delivery_id"
            )
            assert list(uncertain) == list(doubtful)
