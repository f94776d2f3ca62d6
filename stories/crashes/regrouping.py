"""The job `regroup`: crashes of before there were groups get theirs, and those that a storm sent to the
catch-all group, handled errors among them, leave it.

In batches, a transaction each; folds run between them, and a run that was cut short is taken up by the
next. No alerts: the issues are made as `seen`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from database import Database, Row, Transaction
from stories.apps import Apps
from stories.catalogue import App
from stories.crashes.grouping import CATCH_ALL, Grouping, group
from stories.crashes.moving import keys, move
from stories.crashes.patterns import read_patterns
from stories.privacy.person_keys import PersonKey

log = logging.getLogger("stories.regroup")

BATCH = 1_000  # crashes a transaction: about a second under the fold's lock
NEW_GROUPS = (
    200  # of the catch-all's crashes, an app and run: as many as an hour may bring at intake
)
BREATH = 20  # crashes grouped at a stretch, a few milliseconds each: a worker has others waiting


def regroup(
    database: Database, apps: Apps, key: PersonKey, report: Callable[[str], None]
) -> dict[str, int]:
    """Group what is ungrouped, then see to the catch-all groups. report: is told the progress, one
    line. Returns {"grouped": old crashes, "left_catch_all": crashes and handled errors}."""
    result = {"grouped": 0, "left_catch_all": 0}
    with database.transaction(seconds=None) as tx:
        ungrouped = tx.value("crashes/count_ungrouped")
    for app in apps.all():
        while number := _group_old(database, apps, key, app):
            result["grouped"] += number
            report(f"{result['grouped']} of {ungrouped} old crashes grouped")
        result["left_catch_all"] += _empty_catch_all(database, apps, key, app)
    report("")
    return result


def _group_old(database: Database, apps: Apps, key: PersonKey, app: App) -> int:
    """Group the app's oldest crashes that have no fingerprint; returns how many."""
    with database.transaction() as tx:
        rows = tx.rows("crashes/ungrouped", app_id=app.app_id, most=BATCH)
    if not rows:
        return 0
    groupings = list(_groupings(app, rows))
    with database.transaction(seconds=None) as tx:
        for row, grouping in zip(rows, groupings, strict=True):
            _name(tx, app.app_id, row, grouping, grouping.fingerprint)
        move(tx, apps, key, keys(rows, [grouping.fingerprint for grouping in groupings]))
    return len(rows)


def _empty_catch_all(database: Database, apps: Apps, key: PersonKey, app: App) -> int:
    """Give crashes and handled errors of the catch-all group their own: all those whose group there
    is by now, and of the others those of the fingerprints that most people sent. Returns how many
    left."""
    where: dict[str, Any] = {"app_id": app.app_id, "catch_all": CATCH_ALL}
    with database.transaction(seconds=None) as tx:
        days = tx.rows("crashes/error_days", app_id=app.app_id, fingerprint=CATCH_ALL)
        spans = {f"{edge}s": [day[edge] for day in days] for edge in ("since", "until")}
        caught = tx.rows("crashes/caught", most=NEW_GROUPS, **where, **spans)
        where["fingerprints"] = [row["fingerprint"] for row in caught]
        samples = tx.rows("crashes/caught_samples", **where, **spans) if caught else []
    groupings = list(_groupings(app, samples))
    sources: list[tuple[str, dict[str, Any]]] = [
        ("crashes/caught_keys", {}),
        *(("crashes/caught_error_keys", dict(day)) for day in days),
    ]
    gone = 0
    for statement, span in sources if caught else ():
        while True:
            with database.transaction(seconds=None) as tx:
                rows = tx.rows(statement, most=BATCH, **where, **span)
                if not rows:
                    break
                for row, grouping in zip(samples, groupings, strict=True):
                    _name(tx, app.app_id, row, grouping, row["fingerprint"], row["handled"])
                move(tx, apps, key, rows)
            gone += len(rows)
    return gone


def _groupings(app: App, rows: Iterable[Row]) -> Iterable[Grouping]:
    patterns = read_patterns(app.grouping)
    for place, row in enumerate(rows, 1):
        yield group(row["crash_type"], row["error_message"], row["stack_trace"], patterns=patterns)
        if place % BREATH == 0:
            time.sleep(0)  # gevent's, in a worker


def _name(
    tx: Transaction,
    app_id: int,
    crash: Row,
    grouping: Grouping,
    fingerprint: bytes,
    handled: bool = False,
) -> None:
    """Name a group, unless it has a name. `fingerprint` need not be the grouping's: of a crash that is
    not kept whole, only what it was at its arrival is known. Dated back, as it takes no place of the
    names that intake may give in this hour."""
    columns = msgspec.structs.asdict(grouping)
    del columns["chain"], columns["also"]
    columns |= {"app_id": app_id, "fingerprint": fingerprint, "crash_type": crash["crash_type"]}
    tx.run("storage/name_group", **columns, handled=handled, named_at=crash["timestamp"])
