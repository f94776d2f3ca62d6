"""The apps of a server: read, made and changed. Requests to ingest name theirs by its key."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from hmac import compare_digest
from time import monotonic
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from database import CONNECT_SECONDS, Database, Refused, Row, Transaction, Unavailable
from models import Refusal
from stories.catalogue import App, Segment
from stories.payloads.app import COLUMNS, AppPayload, ChangesPayload, check_events
from stories.privacy.ids import person_id
from stories.privacy.person_keys import PersonKey

REFRESH_SECONDS = 5.0  # how long a rotated key may go unnoticed in another worker
LOOKED_SECONDS = 0.5  # how long any other change may, for who is logged in
CHECKED_DAYS = 400  # a year of summer and winter times in both directions, and some
MISS_SECONDS = 0.2  # between two looks for an app that another worker may just have made


class Apps:
    """The apps of this server, read again every few seconds."""

    def __init__(
        self,
        database: Database,
        default_retention: int,
        values_per_day: int = 200,
        key: PersonKey | None = None,
    ) -> None:
        """values_per_day: how many values of an app's day are counted by their own name. key: where
        testers may be set by ids of an app's own; read when it is first needed."""
        self.values_per_day = values_per_day
        self._database = database
        self._default_retention = default_retention
        self._key = key or PersonKey(database, "")
        self._apps: list[App] = []
        self._read_at = -REFRESH_SECONDS
        self._guard = threading.Lock()

    def all(self) -> list[App]:
        """Every app, at most REFRESH_SECONDS old. Raises Unavailable only before the first answer:
        while the database is away the apps read last still serve, and no thread waits for another's
        attempt to read."""
        if monotonic() - self._read_at < REFRESH_SECONDS:
            return self._apps
        if not self._guard.acquire(timeout=0 if self._apps else CONNECT_SECONDS):
            if self._apps:
                return self._apps
            raise Unavailable("the list of apps could not be read")
        try:
            with self._database.transaction(seconds=5, autocommit=True) as tx:
                self._apps = self.read(tx)
        except Unavailable:
            if not self._apps:
                raise
        finally:
            self._guard.release()
        self._read_at = monotonic()
        return self._apps

    def read_now(self) -> list[App]:
        """The apps as they are now, whoever else is reading them: after a change of our own, or where
        another worker's is asked for."""
        with self._guard, self._database.transaction(seconds=5, autocommit=True) as tx:
            self._apps = self.read(tx)
            self._read_at = monotonic()
            return self._apps

    def read(self, tx: Transaction) -> list[App]:
        """The apps as a transaction sees them: a fold knows what its events were taken under."""
        return [self._app(row) for row in tx.rows("apps/list")]

    def forget(self) -> None:
        """Read the apps again at the next use, after a change of our own."""
        self._read_at = -REFRESH_SECONDS

    def freshen(self) -> None:
        """Read them again at the next use if another worker may have changed them: a page asks many
        things, of whichever worker, and should get one answer."""
        if monotonic() - self._read_at >= LOOKED_SECONDS:
            self.forget()

    def by_key(self, key: str) -> App | None:
        """The app with this ingest key; the comparison takes the same time whatever the key."""
        sent = key.encode()
        return self._find(lambda app: compare_digest(app.ingest_key.encode(), sent))

    def by_slug(self, slug: str) -> App | None:
        return self._find(lambda app: app.slug == slug)

    def by_slug_now(self, slug: str) -> App | None:
        """As read_now."""
        return next((app for app in self.read_now() if app.slug == slug), None)

    def _find(self, wanted: Callable[[App], bool]) -> App | None:
        match = next((app for app in self.all() if wanted(app)), None)
        if match is None and monotonic() - self._read_at >= MISS_SECONDS:
            self.forget()
            match = next((app for app in self.all() if wanted(app)), None)
        return match

    def default(self, kind: str) -> App | None:
        """The app of a kind that requests without a key mean."""
        return next((app for app in self.all() if app.kind == kind and app.is_default), None)

    def segment(self, app: App, segment_id: int) -> Segment | None:
        """Of this app; one that is not known is looked up anew: who names it may read the app."""

        def of(apps: list[App]) -> Segment | None:
            every = (each for held in apps if held.app_id == app.app_id for each in held.segments)
            return next((each for each in every if each.segment_id == segment_id), None)

        return of(self.all()) or of(self.read_now())

    def _app(self, row: Row) -> App:
        segments = tuple(
            Segment(**{**segment, "filter": tuple(segment["filter"])})
            for segment in row["segments"]
        )
        retention = row["retention_days"] or self._default_retention
        return App(**{**row, "retention_days": retention, "segments": segments})

    # Changes -------------------------------------------------------------------------------------

    def create(self, body: AppPayload) -> App:
        """The first app of a kind becomes its default. Raises Refusal."""
        check_events(body.kind, body)
        testers = [] if body.testers is UNSET else body.testers
        if body.kind == "desktop":
            _uuids(testers)  # refused before the app is made
        with self._changing() as tx:
            tx.run("apps/create", slug=body.slug, kind=body.kind, name=body.slug)
            self._change(tx, body.slug, body.columns())
            app = next(app for app in self.read(tx) if app.slug == body.slug)
            self._set_testers(tx, app, body)
        return self._reread(body.slug)

    def change(self, app: App, body: ChangesPayload) -> App:
        """Raises Refusal."""
        check_events(app.kind, body)
        with self._changing() as tx:
            moved = body.timezone is not UNSET and body.timezone != app.timezone
            if moved and tx.value("apps/has_events", app_id=app.app_id):
                raise Refusal(
                    "timezone_fixed",
                    "timezone is fixed after an app's first event: its days have been counted in it",
                )
            self._change(tx, app.slug, body.columns())
            self._set_testers(tx, app, body)
            self._declare(tx, app, body)
        return self._reread(app.slug)

    def new_key(self, slug: str) -> App:
        """A new ingest key; the old one stops working within REFRESH_SECONDS everywhere."""
        with self._database.transaction() as tx:
            tx.run("apps/replace_key", slug=slug)
        return self._reread(slug)

    def testers(self, app: App) -> list[str]:
        """The ids of an app's testers, those of every app among them."""
        with self._database.transaction() as tx:
            return [str(row["user_id"]) for row in tx.rows("apps/list_testers", app_id=app.app_id)]

    def forget_name(self, app: App, name: str) -> bool:
        """Free the place of an undeclared name; what was counted by it stays. False: it has none."""
        with self._database.transaction() as tx:
            freed = tx.run("apps/forget_names", app_id=app.app_id, events=[name])
        self.read_now()
        return freed > 0

    def shown(self, app: App) -> dict[str, Any]:
        """An app as its operator sees it. counting_back: {done, of, whole_since}, in days, and the
        first whose counts are whole; None where nothing was ever counted back."""
        with self._database.transaction() as tx:
            undeclared = tx.rows("apps/undeclared", app_id=app.app_id)
            counting_back = tx.row("apps/counting_back", app_id=app.app_id)
        return {
            "app_id": app.app_id,
            "slug": app.slug,
            "kind": app.kind,
            "name": app.name,
            "timezone": app.timezone,
            "retention_days": app.retention_days,
            "content_days": app.content_days,
            "hash_rotation": app.hash_rotation,
            "funnel": app.funnel,
            "accepts": "open" if app.is_open else "declared",
            "events": app.events,
            "long_names": app.long_names,
            "grouping": app.grouping,
            "ignored_environments": app.ignored_environments,
            "undeclared": undeclared,
            "counting_back": counting_back,
            "ingest_key": app.ingest_key,
            "is_default": app.is_default,
            "testers": self.testers(app),
        }

    @contextmanager
    def _changing(self) -> Iterator[Transaction]:
        """A transaction whose refusals name the field."""
        try:
            with self._database.transaction() as tx:
                yield tx
        except Refused as refused:
            if "apps_slug_key" in str(refused):
                raise Refusal("slug_taken", "slug is taken by another app") from None
            if "time zone" in str(refused):
                raise Refusal("invalid_timezone", f"timezone: {refused}") from None
            raise Refusal("invalid_app", f"the app was refused: {refused}") from None

    def _change(self, tx: Transaction, slug: str, columns: dict[str, Any]) -> None:
        if "timezone" in columns:
            _check_timezone(tx, columns["timezone"])
        tx.run(
            "apps/change",
            slug=slug,
            changed=list(columns),
            **{name: _column(columns.get(name)) for name in COLUMNS},
        )

    def _declare(self, tx: Transaction, app: App, body: ChangesPayload) -> None:
        """Declared names need no place among the undeclared. What is to be counted from now on is
        counted back in the events that are held."""
        if body.events is UNSET:
            return
        tx.run("apps/forget_names", app_id=app.app_id, events=list(body.events))
        before, after = countable(app.events), countable(msgspec.to_builtins(body.events))
        if after - before:
            tx.run("apps/count_back", app_id=app.app_id)

    def _set_testers(self, tx: Transaction, app: App, body: ChangesPayload) -> None:
        """A desktop's testers are uuids; the other kinds name people by ids of their own, or as `shown`
        names those that are testers already."""
        if body.testers is UNSET:
            return
        ids = body.testers
        if app.kind == "desktop":
            people = _uuids(ids)
        else:
            rows = tx.rows("apps/list_testers", app_id=app.app_id)
            shown = {str(row["user_id"]) for row in rows}
            key = self._key.digest()
            people = [UUID(own) if own in shown else person_id(app, own, key) for own in ids]
        tx.run("apps/clear_testers", slug=app.slug)
        tx.run("apps/add_testers", slug=app.slug, user_ids=people)

    def _reread(self, slug: str) -> App:
        app = self.by_slug_now(slug)
        assert app is not None
        return app


def countable(events: dict[str, dict[str, dict[str, Any]]]) -> set[tuple[str, ...]]:
    """What the fold counts of declared events' properties."""
    return {
        (event, name, item["type"], *sorted(item.get("values", ())))
        for event, properties in events.items()
        for name, item in properties.items()
    }


def _check_timezone(tx: Transaction, name: str) -> None:
    """Raises Refusal, or Refused where the database does not know the name at all."""
    day = misread_day(tx, name, datetime.now(UTC))
    if day is not None:
        raise Refusal(
            "invalid_timezone",
            f"timezone: {name} is read differently by the database and by this server (on {day}); "
            "choose a name such as Europe/Brussels, on which they agree",
        )


def misread_day(tx: Transaction, name: str, now: datetime) -> date | None:
    """The first day within CHECKED_DAYS of now that begins at another moment for the database than
    for Python; None if they agree. Each has timezone data of its own, of its own age, and PostgreSQL
    takes some names for abbreviations with a fixed offset."""
    zone = ZoneInfo(name)
    days = [now.date() + timedelta(days=n) for n in range(-CHECKED_DAYS, CHECKED_DAYS + 1)]
    midnights = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    moments = [
        moment for begin in midnights for moment in (begin - timedelta(microseconds=1), begin)
    ]
    rows = tx.rows("apps/days_of_moments", timezone=name, moments=moments)
    for moment, row in zip(moments, rows, strict=True):
        if row["day"] != (day := moment.astimezone(zone).date()):
            return day
    return None


def _uuids(ids: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in ids]
    except ValueError:
        raise Refusal("invalid_testers", "testers must be UUIDs") from None


def _column(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else value
