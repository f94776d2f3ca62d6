"""Looks at every rule once a minute, in one process, and queues what is to be said."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlencode

from database import Database, Refused, Row, Transaction, Unavailable
from stories.alerts import messages, readings
from stories.alerts.readings import Look
from stories.alerts.rules import KINDS, read_settings
from stories.alerts.states import Reading, State, Step, step
from stories.apps import Apps
from stories.catalogue import App
from stories.config import Config

log = logging.getLogger("stories.alerts")

LOCK = 7_266_018
RULE_SECONDS = 10  # of one rule's statements: a slow one holds up no other
ALL_SECONDS = 50.0  # of a whole look; the rules that have waited longest come first
# After a message about many subjects the next waits, so that a storm of new issues is a few messages.
GROUP_MINUTES = 10
LINES = 10


@dataclass
class Outcome:
    """What became of one subject of a rule."""

    reading: Reading
    before: State
    step: Step


def evaluate(config: Config, database: Database, apps: Apps, now: datetime) -> dict[str, int]:
    """Returns {"rules", "queued", "failed"}. now: of the clock; tests put their own."""
    until, counts = monotonic() + ALL_SECONDS, {"rules": 0, "queued": 0, "failed": 0}
    with database.transaction(seconds=5) as tx:
        tx.run("alerts/note_size", day=now.date())
        tx.run("alerts/expire", now=now)
        rules = tx.rows("alerts/due_rules")
    known = {app.app_id: app for app in apps.all()}
    for rule in rules:
        if monotonic() > until:
            break  # the others come first the next time
        try:
            with database.transaction(seconds=RULE_SECONDS) as tx:
                if not tx.value("alerts/lock", lock=LOCK):
                    break  # another process looks at them just now
                counts["queued"] += _look(tx, rule, known.get(rule["app_id"]), config, now)
            counts["rules"] += 1
        except Unavailable:
            raise
        except Exception as error:
            counts["failed"] += 1
            log.error("alert %s could not be looked at: %s", rule["rule_id"], error)
            with database.transaction(seconds=5) as tx:
                tx.run(
                    "alerts/note_look",
                    rule_id=rule["rule_id"],
                    now=now,
                    error=_sentence(error),
                )
    return counts


def _sentence(error: Exception) -> str:
    return str(error)[:300] if isinstance(error, Refused) else type(error).__name__


def _look(tx: Transaction, rule: Row, app: App | None, config: Config, now: datetime) -> int:
    """Look at one rule; returns how many messages were queued."""
    kind = KINDS.get(rule["kind"])
    if kind is None or (app is None and not kind.of_server):
        return 0  # its app is gone
    states = {
        row["subject"]: State(row["state"], row["since"], row["is_told"], row["snoozed_until"])
        for row in tx.rows("alerts/states", rule_id=rule["rule_id"])
    }
    firing = frozenset(subject for subject, state in states.items() if state.name == "firing")
    settings = read_settings(rule["kind"], rule["settings"])
    look = Look(tx, rule, settings, app, now, config, firing)
    # A rule that is silent as a whole is so for subjects that come meanwhile.
    snoozed = states[""].snoozed_until if "" in states else None
    outcomes = []
    for reading in readings.READERS[rule["kind"]](look):
        before = states.get(reading.subject, State("ok", now, snoozed_until=snoozed))
        outcomes.append(Outcome(reading, before, step(before, reading, rule["for_minutes"], now)))
    if kind.of_issues:
        _hold_back(rule, outcomes, now)
    for outcome in outcomes:
        _write(tx, rule, outcome, now)
    queued = sum(
        _queue(tx, rule, app, says, outcomes, now, kind.of_issues)
        for says in ("firing", "resolved")
    )
    tx.run("alerts/note_look", rule_id=rule["rule_id"], now=now, error=None)
    return queued


def _hold_back(rule: Row, outcomes: list[Outcome], now: datetime) -> None:
    """Of issues nobody is told that they are over; and new ones wait for the next message."""
    waits = rule["told_at"] is not None and now - rule["told_at"] < timedelta(minutes=GROUP_MINUTES)
    for outcome in outcomes:
        if outcome.step.says == "resolved" or (outcome.step.says == "firing" and waits):
            is_told = outcome.step.says == "resolved"
            outcome.step = Step(replace(outcome.step.state, is_told=is_told))


def _write(tx: Transaction, rule: Row, outcome: Outcome, now: datetime) -> None:
    state, before, reading = outcome.step.state, outcome.before, outcome.reading
    if state == before and state.name in ("ok", "resolved"):
        return
    tx.run(
        "alerts/write_state",
        rule_id=rule["rule_id"],
        subject=reading.subject,
        state=state.name,
        since=state.since,
        is_told=state.is_told,
        snoozed_until=state.snoozed_until,
        value=reading.value,
        normal=reading.normal,
        text=reading.text,
        link=reading.link,
    )
    if state.name != before.name:
        tx.run(
            "alerts/log",
            rule_id=rule["rule_id"],
            app_id=rule["app_id"],
            subject=reading.subject,
            state=state.name,
            at=now,
            value=reading.value,
            normal=reading.normal,
            text=reading.text,
        )


def _queue(
    tx: Transaction,
    rule: Row,
    app: App | None,
    says: str,
    outcomes: list[Outcome],
    now: datetime,
    of_issues: bool,
) -> int:
    """One message a destination, whatever many subjects say it."""
    told = [outcome for outcome in outcomes if outcome.step.says == says]
    if not told:
        return 0
    began = told[0].before.since if says == "resolved" else told[0].step.state.since
    content = {
        "rule": rule["name"],
        "app": app.name if app else None,
        "lines": [{"text": each.reading.text, "link": each.reading.link} for each in told[:LINES]],
        "more": max(0, len(told) - LINES),
        "since": began.isoformat(timespec="minutes"),
        "link": f"/dashboard/alerts?{urlencode({'app': app.slug})}" if app else "/dashboard/alerts",
    }
    once = f"rule:{rule['rule_id']}:{says}:{now.isoformat(timespec='seconds')}"
    if of_issues and says == "firing":
        tx.run("alerts/note_told", rule_id=rule["rule_id"], now=now)
    return sum(
        messages.enqueue(tx, number, says, f"{once}:{number}", content)
        for number in rule["destination_ids"]
    )
