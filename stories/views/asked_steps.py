"""What the views of funnels, retention and experiments read from a request: steps and days."""

from __future__ import annotations

from flask import request

from stories.catalogue import App
from stories.reports.conditions import WrongCondition
from stories.reports.periods import Days
from stories.reports.steps import LENGTH, Step, read_step
from stories.views.stats import asked_range
from stories.web import parameters
from stories.web.services import services

SPAN = ("period", "from", "to")


def asked_app(kind: str = "desktop") -> App:
    return parameters.app() or parameters.app_of_kind(kind)


def asked_days(app: App) -> Days:
    """The days of `period`, or of `from` and `to`."""
    with services().reports.transaction(5, read_only=True) as tx:
        return asked_range(tx, app)


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


def asked_named_event(app: App, name: str) -> Step | None:
    """The same, of a named event."""
    text = parameters.text(name, LENGTH)
    return None if text is None else _step(app, name, text)


def _step(app: App, name: str, text: str, or_any: bool = False) -> Step:
    try:
        return step_of(app, text, or_any)
    except WrongStep as wrong:
        raise parameters.wrong(name, str(wrong)) from None


class WrongStep(ValueError):
    """What is wrong with a step, as the rest of a sentence that begins with what it was given as."""


def step_of(app: App, text: str, or_any: bool = False) -> Step:
    """or_any: without a name, too. Raises WrongStep."""
    if len(text) > LENGTH or "\0" in text:
        raise WrongStep(f"must be text of at most {LENGTH} characters")
    try:
        step = read_step(text)
    except WrongCondition as wrong:
        raise WrongStep(f"cannot be read: {wrong}") from None
    is_known = step.is_page or parameters.takes_event(app, step.name)
    if not (is_known or (or_any and not step.name)):
        raise WrongStep(
            f"contains {step.name[:100]!r}, which is neither an event of the app nor a path"
        )
    return step
