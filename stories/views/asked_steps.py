"""What the views of funnels, retention and experiments read from a request: steps and days."""

from __future__ import annotations

from flask import request

from stories.catalogue import App
from stories.reports import PERIODS
from stories.reports.conditions import WrongCondition
from stories.reports.periods import Days
from stories.reports.question import last_days
from stories.reports.steps import LENGTH, Step, read_step
from stories.views.stats import days_asked
from stories.web import parameters
from stories.web.services import now, services

SPAN = ("period", "from", "to")


def asked_app(kind: str = "desktop") -> App:
    return parameters.app() or parameters.app_of_kind(kind)


def asked_days(app: App) -> Days:
    """The days of `period`, or of `from` and `to`; `all` starts at the first event."""
    today = now().astimezone(app.zone).date()
    period, first, last = days_asked(today)
    if first is not None and last is not None:
        return Days(app, first, last)
    length = PERIODS[period or "30d"]
    if length is not None:
        return Days(app, last_days(length, today).first, today)
    with services().reports.transaction(5, read_only=True) as tx:
        row = tx.row("reports/stats_coverage", app_id=app.app_id, since=None, last=today)
    first = min((row and row["first_day"]) or today, today)
    return Days(app, first, today)


def asked_steps(app: App, least: int, most: int) -> tuple[Step, ...]:
    """`step` repeated, each an event or path with conditions; or `steps`, names with commas between."""
    texts = request.args.getlist("step")
    name = "step" if texts else "steps"
    if texts and parameters.given("steps"):
        raise parameters.wrong("steps", "cannot be combined with step")
    if not texts:
        names = (parameters.text("steps", LENGTH) or "").split(",")
        texts = [part.strip().replace(";", "%3B") for part in names if part.strip()]
    if not least <= len(texts) <= most:
        how = "be repeated for" if name == "step" else "name"
        raise parameters.wrong(name, f"must {how} {least} to {most} steps")
    return tuple(_step(app, name, text) for text in texts)


def asked_event(app: App, name: str) -> Step | None:
    """One event with conditions, of this parameter; absent: None."""
    text = parameters.text(name, LENGTH)
    return None if text is None else _step(app, name, text, or_any=True)


def _step(app: App, name: str, text: str, or_any: bool = False) -> Step:
    if len(text) > LENGTH or "\0" in text:
        raise parameters.wrong(name, f"must be text of at most {LENGTH} characters")
    try:
        step = read_step(text)
    except WrongCondition as wrong:
        raise parameters.wrong(name, f"cannot be read: {wrong}") from None
    is_known = step.is_page or parameters.takes_event(app, step.name)
    if not (is_known or (or_any and not step.name)):
        raise parameters.wrong(
            name, f"contains {step.name[:100]!r}, which is neither an event of the app nor a path"
        )
    return step
