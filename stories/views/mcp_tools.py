"""What an assistant may ask over /mcp, made from the registry of reports; nothing about a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from stories.catalogue import App
from stories.errors import bad_request
from stories.reports import FILTERS, GROUPINGS, PERIODS, REPORTS, Question
from stories.reports.conditions import Conditions, version_condition
from stories.reports.filters import NO_FILTER, Filter
from stories.views.stats import MAX_DAYS, answers
from stories.web.callers import default_app, has_app, own_apps
from stories.web.services import now, services

NUMBERS = {report.path: report for report in REPORTS}
MOST_TEXT = 60  # characters of a text from outside
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AppName = Annotated[str, Meta(max_length=40)]
_Value = Annotated[str, Meta(min_length=1, max_length=50)]


class Nothing(Struct, forbid_unknown_fields=True):
    """No arguments."""


class FilterArgument(Struct, forbid_unknown_fields=True):
    by: Literal["app_version", "platform", "country"]
    value: _Value


class Ask(Struct, forbid_unknown_fields=True):
    """period, or from and to; from without to: up to today."""

    number: Annotated[str, Meta(max_length=100)]
    app: AppName | None = None
    period: Literal["7d", "30d", "90d", "all"] | None = None
    first: date | None = msgspec.field(name="from", default=None)
    last: date | None = msgspec.field(name="to", default=None)
    group_by: Literal["day", "week", "month"] = "day"
    filter: FilterArgument | None = None


@dataclass(frozen=True)
class Tool:
    """schema: JSON Schema of the arguments; kind: the type that checks them."""

    name: str
    description: str
    schema: dict[str, Any]
    kind: type[Any]
    answer: Callable[[Any], dict[str, Any]]

    def described(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": self.schema,
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }

    def run(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Raises ApiError 400 with a sentence that names the argument."""
        try:
            read = msgspec.convert(arguments, self.kind)
        except msgspec.ValidationError as error:
            raise bad_request("invalid_arguments", f"the arguments: {error}") from None
        return self.answer(read)


def list_apps(_: Nothing) -> dict[str, Any]:
    shown = [
        {"app": app.slug, "name": outside(app.name), "kind": app.kind, "timezone": app.timezone}
        for app in own_apps()
    ]
    return {"apps": shown}


def list_numbers(_: Nothing) -> dict[str, Any]:
    numbers = [
        {
            "number": path,
            "filters": [name for name in FILTERS if report.honours(_filter_by(name, "x"))],
        }
        for path, report in NUMBERS.items()
    ]
    return {"numbers": numbers, "periods": list(PERIODS), "groupings": list(GROUPINGS)}


def ask_number(ask: Ask) -> dict[str, Any]:
    report = NUMBERS.get(ask.number)
    if report is None:
        raise bad_request("unknown_number", "number must be one that list_numbers names")
    if ask.filter is not None and not report.honours(_filter_by(ask.filter.by, ask.filter.value)):
        raise bad_request("unfiltered", f"{ask.number} cannot be told for one {ask.filter.by}")
    app = app_named(ask.app)
    services().freshen()
    answer = answers().to(_question(ask, app, report.section))
    value = answer[report.section]
    if report.section == "daily_stats":
        value = [{"date": row["date"], report.key: row[report.key]} for row in value]
    elif report.key:
        value = value[report.key]
    about = {name: answer[name] for name in ("period", "from", "to", "timezone", "group_by")}
    chosen = ask.filter and {"by": ask.filter.by, "value": outside(ask.filter.value)}
    value = outside(value)
    return {"app": app.slug, "number": ask.number, **about, "filter": chosen, "value": value}


def outside(value: Any, most: int = MOST_TEXT) -> Any:
    """Texts that came from outside, cut and told as what they are, however deep in an answer. A day is
    ours, and harmless if it is not."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        return {"untrusted_text": value[:most]}
    if isinstance(value, dict):
        return {key: outside(inner, most) for key, inner in value.items()}
    return [outside(inner, most) for inner in value] if isinstance(value, list) else value


def app_named(slug: str | None) -> App:
    if slug is None:
        own = own_apps()
        app = default_app("desktop") or (own[0] if len(own) == 1 else None)
        if app is None:
            raise bad_request("invalid_app", "app is needed: list_apps names them")
        return app
    named = services().apps.by_slug(slug)
    if named is None or not has_app(named):
        raise bad_request("invalid_app", "app must be one that list_apps names")
    return named


def _question(ask: Ask, app: App, section: str) -> Question:
    today = now().astimezone(app.zone).date()
    first, last = ask.first, ask.last
    if first is None and last is not None:
        raise bad_request("invalid_range", "to needs a from")
    if first is not None:
        if ask.period is not None:
            raise bad_request("invalid_range", "period and from exclude each other")
        last = last or max(first, today)
        if not date(1970, 1, 1) <= first <= last <= date(2999, 12, 31):
            raise bad_request("invalid_range", "to must not be before from")
        if (last - first).days >= MAX_DAYS:
            raise bad_request("invalid_range", f"from must be at most {MAX_DAYS} days before to")
    if ask.filter is not None and "\0" in ask.filter.value:
        raise bad_request("invalid_filter", "value must not hold NUL")
    return Question(
        app=app,
        app_id=app.app_id,
        timezone=app.timezone,
        today=today,
        sections=(section,),
        period=None if first else ask.period or "30d",
        first=first,
        last=last,
        group_by=ask.group_by,
        filter=NO_FILTER if ask.filter is None else _filter_by(ask.filter.by, ask.filter.value),
    )


def _filter_by(name: str, value: str) -> Filter:
    return Filter(Conditions((version_condition(name, value),)))


def object_schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


_DAY_SCHEMA = {"type": "string", "format": "date"}
TOOLS = {
    tool.name: tool
    for tool in (
        Tool("list_apps", "The apps that can be asked about.", object_schema(), Nothing, list_apps),
        Tool(
            "list_numbers",
            "Every number there is, which filters it takes, and the periods and groupings.",
            object_schema(),
            Nothing,
            list_numbers,
        ),
        Tool(
            "ask_number",
            "One number of an app over a period; rates are percentages. daily_stats.* and lists "
            "have a row per group or value.",
            {
                **object_schema(
                    number={"type": "string", "enum": list(NUMBERS)},
                    app={"type": "string", "description": "of list_apps; default: the desktop app"},
                    period={"type": "string", "enum": list(PERIODS), "default": "30d"},
                    **{"from": _DAY_SCHEMA, "to": _DAY_SCHEMA},
                    group_by={"type": "string", "enum": list(GROUPINGS), "default": "day"},
                    filter={
                        **object_schema(
                            by={"type": "string", "enum": list(FILTERS)}, value={"type": "string"}
                        ),
                        "required": ["by", "value"],
                    },
                ),
                "required": ["number"],
            },
            Ask,
            ask_number,
        ),
    )
}
