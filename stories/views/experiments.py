"""GET /experiments/{name}: the variants of an experiment; GET /experiments: which there may be."""

from __future__ import annotations

import math

from flask import Blueprint, Response

from stories.errors import ApiError
from stories.privacy import labels
from stories.reports import experiments
from stories.reports.experiments import PROPERTY, Experiment, UnknownControl, WrongSplit
from stories.views.asked_steps import SPAN, asked_app, asked_days, asked_event
from stories.web import parameters
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.filters import FILTERS, asked_filter
from stories.web.services import now, services

blueprint = Blueprint("experiments", __name__)


@blueprint.get("/experiments")
def list_experiments() -> Response:
    """Events that carry the property which names a variant."""
    parameters.known("app", "property")
    app = asked_app()
    with services().reading(5) as tx:
        events = experiments.events_with(tx, app, _property())
    return answer({"success": True, "app": app.slug, "experiments": events})


@blueprint.get("/experiments/<name>")
def show_experiment(name: str) -> Response:
    parameters.known("app", *SPAN, "goal", "within", "property", "control", "split", *FILTERS)
    experiment = _experiment(name)
    try:
        with asking() as tx:
            compared = experiments.compare(tx, experiment, now())
    except WrongSplit as wrong:
        raise parameters.wrong("split", str(wrong)) from None
    except UnknownControl:
        raise parameters.wrong("control", "is not a variant that anybody was shown") from None
    return answer(
        {
            "success": True,
            "app": experiment.app.slug,
            "from": str(experiment.days.first),
            "to": str(experiment.days.last),
            "timezone": experiment.app.timezone,
            "experiment": experiment.event,
            "property": experiment.property,
            "goal": str(experiment.goal),
            "within": experiment.within,
            **compared,
            "computed": "events",
        }
    )


def _experiment(name: str) -> Experiment:
    app = asked_app()
    if not parameters.takes_event(app, name):
        raise ApiError(404, "not_found", "the app has no event of this name")
    goal = asked_event(app, "goal")
    if goal is None:
        raise parameters.wrong("goal", "is required")
    if goal.event == name:
        raise parameters.wrong("goal", "must be another event than the one that shows a variant")
    return Experiment(
        app=app,
        days=asked_days(app),
        event=name,
        goal=goal,
        within=parameters.integer("within", 7, 1, 365),
        property=_property(),
        control=parameters.text("control", 100),
        split=_split(),
        filter=asked_filter(app),
    )


def _property() -> str:
    name = parameters.text("property", 100) or PROPERTY
    if not (labels.is_event_name(name) or name.isprintable()):
        raise parameters.wrong("property", "must be a name of at most 100 printable characters")
    return name


def _split() -> tuple[float, ...]:
    """Shares of any sum: 50,50 or 9,1."""
    text = parameters.text("split")
    if text is None:
        return ()
    try:
        shares = tuple(float(part) for part in text.split(","))
    except ValueError:
        shares = ()
    if not 2 <= len(shares) <= experiments.MOST or not all(
        math.isfinite(share) and 0 < share <= 1e6 for share in shares
    ):
        raise parameters.wrong(
            "split", f"must be 2 to {experiments.MOST} numbers above 0, such as 50,50"
        )
    return shares
