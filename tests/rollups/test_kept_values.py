"""Which values count by their own name: a day has so many places, junk cannot take those of values that
are in use, and the choice is stored."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

import aggregator
from database import Inline
from stories.rollups import fold, recount
from tests.rollup_tables import (
    crash_row,
    differences,
    dump,
    event_row,
    fold_all,
    midday,
    new_app,
    person,
    run,
    set_app,
    value,
    values,
)

PLACES = 5
CJK = "漢字" * 1_500
COUNTS = ("daily_events", "daily_values", "daily_numbers", "daily_crashes", "person_days")


@pytest.fixture
def few_places(services, monkeypatch):
    monkeypatch.setattr(services.apps, "values_per_day", PLACES)
    return services


def send(services, now, items, days_ago=0, **fields):
    """Events of (person, fields), each dated a second after the one before."""
    when = midday(now, days_ago)
    rows = [
        event_row(person(who), when + timedelta(seconds=at), **{**fields, **more})
        for at, (who, more) in enumerate(items)
    ]
    assert services.events.append(rows).stored == len(rows)
    fold_all(services)


def counted(database, dim, day=None):
    """Events by value of a dimension."""
    return dict(
        values(
            database,
            "select value, sum(n)::int from daily_events where dim = %(dim)s "
            "and (%(day)s::date is null or day = %(day)s) group by value",
            dim=dim,
            day=day,
        )
    )


@pytest.mark.parametrize("dim", ["app_version", "platform", "country"])
def test_values_past_the_places_of_a_day_count_as_other(few_places, database, now, dim):
    names = [f"{chr(65 + n)}{chr(65 + m)}" for n in range(4) for m in range(10)]
    send(few_places, now, [(n, {dim: name}) for n, name in enumerate(names)])
    send(few_places, now, [(n, {dim: name}) for n, name in enumerate(names)], days_ago=2)
    counts = counted(database, dim.removeprefix("app_"), midday(now, 0).date())
    assert len(counts) == PLACES + 1
    assert counts["other"] == len(names) - PLACES
    column = {"app_version": "versions", "platform": "platforms", "country": "countries"}[dim]
    assert value(database, f"select count(distinct one) from held_days, unnest({column}) as one "
                           "where day = %(day)s", day=midday(now, 0).date()) == PLACES + 1  # fmt: skip
    assert differences(few_places) == {}


def test_the_users_list_still_says_which_version_somebody_has(few_places, database, now):
    send(few_places, now, [(n, {"app_version": f"1.{n}"}) for n in range(20)])
    assert len(values(database, "select distinct app_version from users")) == 20


def test_junk_of_a_day_takes_no_place_of_what_three_people_used_before(few_places, database, now):
    send(few_places, now, [(n, {"app_version": "2.0"}) for n in range(3)], days_ago=1)
    send(few_places, now, [(n, {"app_version": "1.9"}) for n in range(2)], days_ago=1)
    send(few_places, now, [(9, {"app_version": f"junk{n}"}) for n in range(50)])
    send(few_places, now, [(1, {"app_version": version}) for version in ("2.0", "1.9", "2.0")])
    counts = counted(database, "version", midday(now, 0).date())
    assert counts["2.0"] == 2
    assert "1.9" not in counts, "two people do not make a version"
    assert counts["other"] == 50 - PLACES + 1
    send(few_places, now, [(5, {"app_version": "2.0"})])
    assert counted(database, "version", midday(now, 0).date())["2.0"] == 3
    assert differences(few_places) == {}


def test_one_person_is_one_however_often_they_are_seen(few_places, database, now):
    for _ in range(4):
        send(few_places, now, [(1, {"app_version": "1.9"}), (1, {"app_version": "1.9"})])
        few_places.crashes.append([crash_row(person(1), midday(now, 0), app_version="1.9")])
        fold_all(few_places)
    assert values(database, "select value, n from kept_values where property = 'version'") == [
        ("1.9", 1)
    ]


def test_two_hundred_junk_paths_of_a_day_take_no_place_of_real_ones_for_ever(
    few_places, database, now
):
    set_app(few_places, "desktop", events='{"painted": {"colour": {"type": "label"}}}')

    def paint(colours, days_ago):
        send(few_places, now, [(n, {"properties": {"colour": colour}}) for n, colour
                               in enumerate(colours)], days_ago, event="painted")  # fmt: skip

    def labels(days_ago):
        return dict(values(database, "select label, n from daily_values where dim = 'none' "
                                     "and day = %(day)s", day=midday(now, days_ago).date()))  # fmt: skip

    paint(["red"] * 3, 3)
    paint([f"junk{n}" for n in range(40)] + ["red", "blue"], 2)
    assert len(labels(2)) == PLACES + 2
    assert labels(2)["red"] == 1
    paint(["blue"] * 4, 1)
    assert labels(1) == {"blue": 4}
    paint([f"junk{n}" for n in range(40)], 0)
    paint(["red", "blue", "green"], 0)
    assert (labels(0)["red"], labels(0)["blue"], labels(0)["other"]) == (1, 1, 36)
    assert differences(few_places) == {}


def test_a_client_that_says_other_closes_no_day(few_places, database, now):
    send(few_places, now, [(n, {"app_version": "other"}) for n in range(3)])
    send(few_places, now, [(1, {"app_version": "1.0"})])
    assert counted(database, "version") == {"other": 3, "1.0": 1}


def test_a_rebuild_repeats_the_choice_whatever_the_setting_is_then(few_places, database, now):
    for part in range(4):
        items = [(n, {"app_version": f"{part}.{n}"}) for n in range(9)]
        send(few_places, now, items, days_ago=part % 2)
    before = dump(database, COUNTS)
    few_places.apps.values_per_day = 100
    assert differences(few_places) == {}
    recount.rebuild(few_places.database, few_places.apps)
    assert dump(database, COUNTS) == before
    send(few_places, now, [(1, {"app_version": "new"})])
    assert "new" not in counted(database, "version"), "the day stays closed"


def test_a_rebuild_with_fresh_values_starts_clean(few_places, database, now, dsn, monkeypatch):
    send(few_places, now, [(9, {"app_version": f"junk{n}"}) for n in range(8)])
    send(few_places, now, [(n, {"app_version": "1.0"}) for n in range(6)])
    assert "1.0" not in counted(database, "version")
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("VALUES_PER_DAY", str(PLACES))
    assert aggregator.main(["rebuild", "--people", "--fresh-values"]) == 0
    assert counted(database, "version")["1.0"] == 6
    assert len(counted(database, "version")) == PLACES + 1
    assert differences(few_places) == {}
    with pytest.raises(SystemExit):
        aggregator.main(["rebuild", "--fresh-values"])


@pytest.mark.parametrize("text", ["a\tb", "x" * 101, "[email]", "see [secret] there", CJK])
def test_a_label_of_a_wrong_shape_or_that_was_scrubbed_is_other(services, database, now, text):
    properties = {"error_type": text}
    send(services, now, [(1, {"event": "transcription_failed", "properties": properties})])
    assert values(database, "select label from daily_values where dim = 'none'") == [("other",)]
    assert "x" not in dump(database, ["kept_values"])["kept_values"]


# Every text that reaches an index. What holds each of them short.
BOUNDED = {
    "artifacts.kind": "a check of the table",
    "artifacts.debug_id": "plain_debug_id of crashes/wanted.py",
    "artifacts.url": "300 characters, symbols/artifacts.py",
    "artifact_releases.release": "20 characters, release_of of symbols/artifacts.py",
    "artifact_releases.dist": "64 characters, symbols/artifacts.py",
    "artifact_keys.key": "a release and 100 characters, crashes/wanted.py",
    "upload_chunks.uploader": "200 characters, web/uploading.py",
    "apps.slug": "a check of the table",
    "apps.kind": "a check of the table",
    "apps.ingest_key": "made by the server",
    "accounts.lower": "a check of the table",
    "share_links.link_id": "made by the server",
    "jobs.name": "named by the server",
    "alert_states.subject": "an issue's number, a job's name or a version, which an intake bounds",
    "destinations.name": "a payload bounds it",
    "messages.once": "made by the server",
    "report_subscriptions.every": "a check of the table",
    "report_subscriptions.unsubscribe_key": "made by the server",
    "compacted_tables.name": "named by the server",
    "schema_migrations.name": "named by the server",
    "server_secrets.name": "named by the server",
    "drops.reason": "codes of refusals",
    "label_names.property": "persona_id",
    "people_now.country": "two letters",
    "set_aside.kind": "event, crash or session",
    "error_details.wants": "keys of crashes/wanted.py, each of bounded parts",
    "session_days.version": "20 characters, rollups/slice_sdk_sessions",
    "label_names.label": "100 characters, rollups/kept_values",
    "series.dim": "named by the fold",
    "series.value": "50 characters, rollups/slice",
    "series.event": "100 characters, rollups/slice",
    "series.property": "of the catalogue",
    "series.label": "100 characters, rollups/kept_values",
    "daily_*.dim": "named by the fold",
    "daily_*.value": "50 characters, rollups/slice",
    "daily_*.event": "100 characters, rollups/slice",
    "daily_*.crash_type": "100 characters, rollups/slice",
    "daily_*.property": "of the catalogue",
    "daily_*.label": "100 characters, rollups/kept_values",
    "facets.dim": "named by the fold",
    "facets.value": "50 characters, rollups/slice",
    "group_days.dim": "named by the fold",
    "group_days.value": "50 characters, rollups/slice",
    "releases.version": "20 characters, rollups/slice; by hand: bounded by POST /releases",
    "issues.state": "a check of the table",
    "event_names.event": "100 characters, labels.EVENT_NAME",
    "segments.name": "a check of the table",
    "key_numbers.name": "a check of the table",
    "saved_questions.name": "a check of the table",
    "saved_questions.report": "a check of the table",
    "saved_cohorts.name": "a check of the table",
    "kept_values.event": "100 characters, rollups/slice",
    "kept_values.property": "of the catalogue",
    "kept_values.value": "100 characters, rollups/kept_values",
}


def test_every_text_that_reaches_an_index_is_known_to_be_short(database):
    columns = values(
        database,
        """select distinct held.relname::text, attname::text
           from pg_index join pg_class as held on held.oid = indrelid
           join pg_attribute on attrelid = indexrelid
           where relnamespace = 'public'::regnamespace and not held.relispartition
             and atttypid in ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype)""",
    )
    names = {
        ("daily_*" if "daily_" in table else table.replace("departed_group", "group"))
        + f".{column}"
        for table, column in columns
    }
    assert names == set(BOUNDED)


@pytest.mark.parametrize("kind", ["desktop", "website", "generator", "bot"])
def test_whatever_text_an_event_carries_it_is_folded(services, database, now, kind):
    """Rows as no intake makes them: what the fold writes into a key it bounds itself."""
    app = services.apps.default(kind)
    set_app(services, app.slug, events=json.dumps({CJK[:90]: {"colour": {"type": "label"}}}))
    app = services.apps.by_slug(app.slug)
    properties: dict[str, Any] = {name: CJK for names in app.catalogue.values() for name in names}
    properties |= {"persona_id": CJK, "persona_name": CJK, "visit_source": CJK, "feature": CJK}
    texts = {"app_version": CJK, "platform": CJK, "session_id": CJK, "country": CJK}
    rows = [
        event_row(person(1), midday(now, 0), event, app.app_id, properties=properties, **texts)
        for event in (*app.catalogue, CJK)
    ]
    services.events.append(rows)
    crash = {"crash_type": CJK, "app_version": CJK, "os_version": CJK, "session_id": CJK}
    services.crashes.append([crash_row(person(1), midday(now, 0), app.app_id, **crash)])
    assert fold_all(services) == len(rows) + 1
    assert values(database, "select reason from set_aside") == []
    assert value(database, "select sum(n) from daily_events where dim = 'none'") == len(rows)
    assert value(database, "select count(*) from label_names") == 0
    assert differences(services) == {}


def test_only_bots_name_personas(services, database, now):
    for kind in ("desktop", "bot"):
        app = services.apps.default(kind)
        event = "persona_selected" if kind == "bot" else "app_opened"
        properties = {"persona_id": kind, "persona_name": "A name"}
        row = event_row(person(1), now, event, app.app_id, properties=properties)
        services.events.append([row])
    fold_all(services)
    assert values(database, "select label, name from label_names") == [("bot", "A name")]


def test_a_slice_that_is_too_slow_is_tried_again_in_parts(services, database, now, monkeypatch):
    """Ten at once take longer than a statement may; one alone does not."""
    real, sizes = fold.add_slice, []

    def slow(tx, defined):
        size = tx.value(Inline("/* test */ select count(*) from slice_keys"))
        sizes.append(size)
        tx.run(Inline("/* test */ select pg_sleep(%(seconds)s)"), seconds=2.3 if size > 10 else 0)
        real(tx, defined)

    monkeypatch.setattr(fold, "add_slice", slow)
    monkeypatch.setattr(fold, "STATEMENT_SECONDS", 2)
    services.events.append([event_row(person(n), midday(now, 0)) for n in range(40)])
    assert fold_all(services) == 40
    assert sizes[:3] == [40, 20, 10]
    assert values(database, "select reason from set_aside") == []
    assert differences(services) == {}


def test_what_cannot_be_sorted_out_in_time_waits_behind_the_good(
    services, database, now, monkeypatch
):
    run(database, "alter table series add constraint none check (event <> 'retry_attempted') "
                  "not valid")  # fmt: skip
    try:
        monkeypatch.setattr(fold, "PARTS_SECONDS", 0)
        bad = [event_row(person(n), midday(now, 0), "retry_attempted") for n in range(50)]
        services.events.append(bad)
        fold.fold_slice(services.database, services.apps, services.key)
        services.events.append([event_row(person(n), midday(now, 0)) for n in range(10)])
        assert value(database, "select sum(n) from outbox") == 60
        monkeypatch.setattr(fold, "PARTS_SECONDS", 30)
        fold_all(services)
        assert value(database, "select count(*) from set_aside") == 50
        assert counted(database, "none") == {"": 10}
    finally:
        run(database, "alter table series drop constraint none")


def test_an_app_of_its_own_has_places_of_its_own(few_places, database, now):
    other = new_app(few_places, "studio")
    send(few_places, now, [(n, {"app_version": f"junk{n}"}) for n in range(50)])
    send(few_places, now, [(1, {"app_version": "1.0"})], app_id=other.app_id)
    assert counted(database, "version")["1.0"] == 1


def test_a_chart_marks_the_releases_of_its_own_days_alone(client, services, database, now):
    send(services, now, [(n, {"app_version": "1.0"}) for n in range(60)], days_ago=40)
    send(services, now, [(n, {"app_version": "1.0"}) for n in range(60)], days_ago=2)
    send(services, now, [(n, {"app_version": "2.0"}) for n in range(60)], days_ago=1)
    send(services, now, [(1, {"app_version": "2.1-test"})], days_ago=1)

    def marked(period):
        address = f"/dashboard/api/stats?app=desktop&period={period}"
        answer = client.get(address, auth=("admin", "admin"))
        return [item["version"] for item in answer.json["releases"]]

    assert marked("7d") == ["2.0"]
    assert marked("90d") == ["1.0", "2.0"]
