"""Looks at every rule once a minute, and queues what is to be said.

Each rule is a transaction of its own: what it reads, how its subjects are then, the log, the messages.
It holds the rule's row, so that two processes never look at one at a time, and who changes or silences
it waits.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlencode

from database import Database, Row, Stopped, Transaction
from models import Refusal
from stories.alerts import messages, readings
from stories.alerts.readings import Look
from stories.alerts.rules import KINDS, read_settings
from stories.alerts.states import Reading, State, Step, step
from stories.apps import Apps
from stories.catalogue import App
from stories.config import Config

log = logging.getLogger("stories.alerts")

RULE_SECONDS = 5  # of one rule's statements each: a slow one holds up no other
ALL_SECONDS = 50.0  # of a whole look; the rules that have waited longest come first
# After a message about new issues the next waits, so that a storm of them is a few messages.
GROUP_MINUTES = 10
LINES = 10


@dataclass
class Outcome:
    """What became of one subject of a rule. before, value_before: how it was."""

    reading: Reading
    before: State
    value_before: float | None
    step: Step


def evaluate(config: Config, database: Database, apps: Apps, now: datetime) -> dict[str, int]:
    """Returns {"rules", "queued", "failed"}. now: of the clock; tests put their own. Raises
    Unavailable."""
    until, counts = monotonic() + ALL_SECONDS, {"rules": 0, "queued": 0, "failed": 0}
    with database.transaction(seconds=30) as tx:
        tx.run("alerts/note_size", day=now.date())
        tx.run("alerts/expire", now=now)
        due = [row["rule_id"] for row in tx.rows("alerts/due_rules")]
    by_id = {app.app_id: app for app in apps.all()}
    for rule_id in due:
        if monotonic() > until:
            break  # the others come first the next time
        try:
            queued = _look_at(rule_id, config, database, by_id, now)
            counts["rules"] += queued is not None
            counts["queued"] += queued or 0
        except Exception as error:
            counts["failed"] += 1
            log.error("alert %s could not be looked at: %s", rule_id, error)
            with database.transaction(seconds=5) as tx:  # if the database is away, this says so
                tx.run("alerts/note_look", rule_id=rule_id, now=now, error=_sentence(error))
    return counts


def _sentence(error: Exception) -> str:
    if isinstance(error, Refusal):
        return error.sentence
    if isinstance(error, Stopped):
        return f"it took longer than {RULE_SECONDS} seconds to read"
    return f"it could not be read ({type(error).__name__})"


def _look_at(
    rule_id: int, config: Config, database: Database, apps: dict[int, App], now: datetime
) -> int | None:
    """Returns how many messages were queued; None: another process looks at the rule."""
    with database.transaction(seconds=3 * RULE_SECONDS) as tx:
        tx.set_local(statement_timeout=f"{RULE_SECONDS}s")
        rule = tx.row("alerts/claim_rule", rule_id=rule_id, now=now)
        if rule is None:
            return None
        queued = _look(tx, rule, apps.get(rule["app_id"]), config, now)
        tx.run("alerts/note_look", rule_id=rule_id, now=now, error=None)
        return queued


def _look(tx: Transaction, rule: Row, app: App | None, config: Config, now: datetime) -> int:
    """Raises Refusal where the rule can no longer be read."""
    kind = KINDS.get(rule["kind"])
    if kind is None:
        raise Refusal("unknown_kind", "this server has no alerts of this kind")
    if app is None and not kind.of_server:
        raise Refusal("unknown_app", "its app is gone")
    rows = tx.rows("alerts/states", rule_id=rule["rule_id"])
    values = {row["subject"]: row["value"] for row in rows}
    states = {
        row["subject"]: State(row["state"], row["since"], row["is_told"], row["snoozed_until"])
        for row in rows
    }
    firing = frozenset(subject for subject, state in states.items() if state.name == "firing")
    settings = read_settings(rule["kind"], rule["settings"])
    # A rule that is silent as a whole is so for subjects that come meanwhile.
    snoozed = states[""].snoozed_until if "" in states else None
    outcomes = []
    for reading in readings.READERS[rule["kind"]](
        Look(tx, rule, settings, app, now, config, firing)
    ):
        before = states.get(reading.subject, State("ok", now, snoozed_until=snoozed))
        stepped = step(before, reading, rule["for_minutes"], now)
        outcomes.append(Outcome(reading, before, values.get(reading.subject), stepped))
    if kind.of_issues:
        _hold_back(rule, outcomes, now)
    for outcome in outcomes:
        _write(tx, rule, outcome, now)
    return sum(_queue(tx, rule, app, says, outcomes, now) for says in ("firing", "resolved"))


def _hold_back(rule: Row, outcomes: list[Outcome], now: datetime) -> None:
    """Of issues nobody is told that they are over; and new ones wait for the next message."""
    waits = rule["told_at"] is not None and now - rule["told_at"] < timedelta(minutes=GROUP_MINUTES)
    for outcome in outcomes:
        if outcome.step.says == "resolved" or (outcome.step.says == "firing" and waits):
            outcome.step = Step(replace(outcome.step.state, is_told=False))


def _write(tx: Transaction, rule: Row, outcome: Outcome, now: datetime) -> None:
    state, before, reading = outcome.step.state, outcome.before, outcome.reading
    if state == before and reading.value == outcome.value_before:
        return
    # Of issues by the thousand only those that are not well; of the rule itself its value is shown.
    if state == before and state.name in ("ok", "resolved") and reading.subject:
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
    once = f"rule:{rule['rule_id']}:{says}:{now.isoformat()}"
    if says == "firing":
        tx.run("alerts/note_told", rule_id=rule["rule_id"], now=now)
    return sum(
        messages.enqueue(tx, number, says, f"{once}:{number}", content)
        for number in rule["destination_ids"]
    )
