"""Crashes that wait for real names, and stored ones that get them later: `python aggregator.py symbols`.

A process of its own, one at a time, started by a worker when something waits: opening a map takes a
second and a hundred megabytes. Results are stored, so nothing is mapped twice. That a mapping begins is
noted before it does: what ends the process three times is let go as it came.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection
from contextlib import suppress

import msgspec

from database import Database, Row, Transaction, Unavailable
from stories.apps import Apps
from stories.catalogue import App
from stories.crashes.moving import move
from stories.operation.process import asked_to_end
from stories.privacy.person_keys import PersonKey
from stories.storage import group_names
from stories.symbols import artifacts, dumps, limits
from stories.symbols.mapping import Mapper
from stories.symbols.opened import ROOM, resident
from stories.symbols.regrouped import Key, Regrouped, Stored, give_up, name_frames, read
from stories.symbols.waiting import TURN

log = logging.getLogger("stories.symbols")

MAX_ATTEMPTS = 3
IDLE_SECONDS = 30.0
LOOK_SECONDS = 0.2  # how often it looks for more, while it is idle
BATCH = 200  # stored crashes that move in one transaction, under the fold's lock
FOLLOWERS = 1_000
OF_A_GROUP, OF_AN_UPLOAD = 200, 10_000  # stored crashes that an upload has mapped anew


def map_until_idle(database: Database, apps: Apps, key: PersonKey) -> dict[str, int]:
    """As a process of its own, which a signal asks to end; at once if another one maps. Returns
    {"held", "stored"}: crashes that got their frames' names, or why not. Raises Unavailable."""
    stopped = asked_to_end()
    limits.be_small()
    parent, last = os.getppid(), time.monotonic()
    with database.transaction(seconds=None) as turn:
        if not turn.value("symbols/lock_turn", lock=TURN):
            return {"held": 0, "stored": 0}
        turn.set_local(idle_in_transaction_session_timeout="0")
        symbols = Symbols(database, apps, key)
        while not stopped.is_set() and time.monotonic() - last < IDLE_SECONDS:
            if symbols.work():
                last = time.monotonic()
            else:
                stopped.wait(LOOK_SECONDS)
            # What maps have left behind after they were closed; and a worker that is gone.
            if resident() > ROOM or os.getppid() != parent:
                break
        return symbols.counts


def queue_for(tx: Transaction, app_id: int, keys: Collection[str]) -> int:
    """Have the stored crashes mapped anew that want one of these keys, the newest OF_A_GROUP of each
    group; returns how many."""
    if not keys:
        return 0
    rows = tx.rows(
        "symbols/wanting",
        app_id=app_id,
        keys=list(keys),
        of_a_group=OF_A_GROUP,
        most=OF_AN_UPLOAD,
    )
    names = ("kind", "user_id", "timestamp", "dedupe_key")
    columns = {f"{name}s": [row[name] for row in rows] for name in names}
    return tx.run("symbols/queue_crashes", app_id=app_id, **columns) if rows else 0


class Symbols:
    """The work of the process, in pieces."""

    def __init__(self, database: Database, apps: Apps, key: PersonKey) -> None:
        self._database, self._apps, self._key = database, apps, key
        self._mapper = Mapper(database)
        self.counts = {"held": 0, "stored": 0}

    def work(self) -> bool:
        """Map one held crash, or a batch of stored ones; whether there was something to do."""
        did = self._held()
        return self._followers() or did or self._stored()

    def _held(self) -> bool:
        with self._database.transaction() as tx:
            row = tx.row("symbols/next_held")
            if row is None:
                return False
            tx.run("symbols/begin_held", id=row["id"])
        regrouped = self._name(row)
        with self._database.transaction() as tx:
            self._finish(tx, row, regrouped)
        self.counts["held"] += 1
        return True

    def _finish(self, tx: Transaction, row: Row, regrouped: Regrouped | None) -> None:
        """Give it to the fold with its names, in one transaction. If the fold has taken it meanwhile, it
        goes into the queue of stored ones."""
        if tx.row("symbols/free_held", id=row["id"]) is None:
            if regrouped is not None:
                key = regrouped.stored.key
                app_id = regrouped.stored.app_id
                tx.run("symbols/queue_crash", kind=key.kind, app_id=app_id, **key.columns)
            return
        if regrouped is None:
            return
        if regrouped.name is not None:
            if regrouped.is_caught:  # as the job that empties the catch-all names them
                group_names.write(tx, regrouped.name, regrouped.stored.key.timestamp)
            elif not group_names.ensure_named(tx, regrouped.name):
                regrouped.stay()
        self._put(tx, regrouped)

    def _put(self, tx: Transaction, regrouped: Regrouped) -> None:
        """Of one that is not folded, or stays in its group."""
        stored = regrouped.stored
        columns = stored.key.columns
        if regrouped.name is not None:
            self._name_heir(tx, regrouped)
            if stored.handled:
                properties = msgspec.json.encode(regrouped.properties).decode()
                tx.run("symbols/change_error", properties=properties, **columns)
            else:
                tx.run(
                    "symbols/change_crash",
                    fingerprint=regrouped.fingerprint,
                    also=regrouped.also,
                    **columns,
                )
        self._put_details(tx, regrouped)

    def _put_details(self, tx: Transaction, regrouped: Regrouped) -> None:
        stored = regrouped.stored
        tx.run(
            "symbols/change_details",
            detail=msgspec.json.encode(stored.detail).decode(),
            fingerprint=regrouped.fingerprint,
            wants=stored.wants,
            **stored.key.columns,
        )
        if stored.dump is not None:
            dumps.settle(tx, regrouped.keeps_dump, **stored.key.columns)
        artifacts.note_use(tx, list(regrouped.named.used))
        for artifact_id, sentence in regrouped.named.trouble.items():
            artifacts.note_trouble(tx, artifact_id, sentence)

    def _name_heir(self, tx: Transaction, regrouped: Regrouped) -> None:
        stored = regrouped.stored
        is_better = not regrouped.raw or stored.wants is not None
        if is_better and not regrouped.is_caught:
            tx.run(
                "symbols/name_heir",
                app_id=stored.app_id,
                fingerprint=stored.fingerprint,
                heir=regrouped.fingerprint,
            )

    def _followers(self) -> bool:
        with self._database.transaction() as tx:
            rows = tx.rows("symbols/followers", most=FOLLOWERS)
            for kind, table in (("crash", "crashes"), ("event", "errors")):
                own = [row for row in rows if row["kind"] == kind and row["heir"] is not None]
                names = ("user_id", "timestamp", "dedupe_key", "fingerprint", "heir")
                if own:
                    columns = {f"{name}s": [row[name] for row in own] for name in names}
                    tx.run(f"symbols/change_follower_{table}", **columns)
            if rows:
                tx.run("symbols/free_followers", ids=[row["id"] for row in rows])
        return bool(rows)

    def _stored(self) -> bool:
        """A batch of stored crashes; cut short where one arrives that waits. One that something went
        wrong with is tried alone, so that it takes no others with it."""
        with self._database.transaction() as tx:
            rows = tx.rows("symbols/next_remaps", most=BATCH)
        rows = rows[:1] if rows and rows[0]["attempts"] else [r for r in rows if not r["attempts"]]
        done: list[Row] = []
        results: list[Regrouped] = []
        for row in rows:
            with self._database.transaction() as tx:
                if done and tx.value("symbols/has_held"):
                    break
                tx.run("symbols/begin_remap", **_key(row).columns)
            done.append(row)
            if (regrouped := self._name(row)) is not None:
                results.append(regrouped)
        if done:
            self._move(done, results)
        return bool(done)

    def _move(self, rows: list[Row], results: list[Regrouped]) -> None:
        keys = [_key(row) for row in rows]
        moved = [each for each in results if each.is_moved]
        with self._database.transaction(seconds=None) as tx:
            for regrouped in moved:
                assert regrouped.name is not None
                # Dated back: these take no place of the names that intake may give in this hour.
                at = regrouped.stored.key.timestamp
                group_names.write(tx, regrouped.name, at)
                self._name_heir(tx, regrouped)
            if moved:
                move(tx, self._apps, self._key, [_moving(each) for each in moved])
            for regrouped in results:
                if regrouped.is_moved:
                    self._put_details(tx, regrouped)
                else:
                    self._put(tx, regrouped)
            tx.run(
                "symbols/end_remaps",
                user_ids=[key.user_id for key in keys],
                timestamps=[key.timestamp for key in keys],
                dedupe_keys=[key.dedupe_key for key in keys],
            )
        self.counts["stored"] += len(results)

    def _name(self, row: Row) -> Regrouped | None:
        """None: it is gone, or has no frames that are kept. row: with the attempts before this one."""
        with self._database.transaction(read_only=True) as tx:
            stored = read(tx, _key(row))
        app = self._app(stored)
        if stored is None or app is None:
            return None
        if row["attempts"] >= MAX_ATTEMPTS:
            return give_up(stored, app)
        with suppress(limits.TookTooLong), limits.piece_of_work():
            try:
                return name_frames(stored, app, self._mapper)
            except (Unavailable, limits.TookTooLong):
                raise
            except Exception:
                log.exception("the frames of a crash could not be named")
        return give_up(stored, app)

    def _app(self, stored: Stored | None) -> App | None:
        """Read anew where it is unknown: it may be seconds old."""
        if stored is None:
            return None
        for apps in (self._apps.all, self._apps.read_now):
            if (
                app := next((each for each in apps() if each.app_id == stored.app_id), None)
            ) is not None:
                return app
        return None


def _key(row: Row) -> Key:
    return Key(row["kind"], row["user_id"], row["timestamp"], row["dedupe_key"])


def _moving(regrouped: Regrouped) -> Row:
    """As crashes/moving wants it."""
    stored = regrouped.stored
    return {
        "kind": stored.key.kind,
        **stored.key.columns,
        "fingerprint": regrouped.fingerprint,
        "former": stored.fingerprint,
    }
