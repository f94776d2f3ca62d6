"""No statement takes a form that Citus cannot plan, so that GROWING.md's last step stays open.

The forms are those that a cluster refused, each here as it stood when it did; or, of rows' places, would
have answered by deleting other rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest

from database import sql
from stories.chunk_readers import rows_alone
from stories.operation.citus import DISTRIBUTED
from tests import citus_forms
from tests.citus_forms import refused_forms
from tests.test_sql_files import FILES, name_of

# Small, or changed by every fold: they stay on the coordinator.
LOCAL = {
    "alert_log",
    "alert_rules",
    "alert_states",
    "annotations",
    "artifact_keys",
    "artifact_pieces",
    "artifact_releases",
    "artifacts",
    "upload_chunks",
    "uploads",
    "compacted_tables",
    "database_sizes",
    "destinations",
    "messages",
    "minidumps",
    "report_subscriptions",
    "person_links",
    "event_names",
    "event_chunks",
    "session_marks",
    "event_series",
    "number_series",
    "series",
    "value_series",
    "facets",
    "counting_back",
    "account_sessions",
    "accounts",
    "active_gaps",
    "api_tokens",
    "apps",
    "audit_log",
    "claims",
    "cohort_weeks",
    "daily_crashes",
    "daily_sessions",
    "departed_active_gaps",
    "departed_daily_crashes",
    "departed_daily_events",
    "departed_daily_numbers",
    "departed_daily_sessions",
    "departed_daily_values",
    "departed_group_days",
    "departed_group_hours",
    "drops",
    "fold_state",
    "group_days",
    "group_hours",
    "group_names",
    "group_people",
    "groups",
    "image_deletions",
    "issue_log",
    "issues",
    "jobs",
    "kept_values",
    "label_names",
    "lifetimes",
    "outbox",
    "people_now",
    "key_numbers",
    "releases",
    "remap_queue",
    "saved_cohorts",
    "saved_questions",
    "segments",
    "schema_migrations",
    "sdk_sessions",
    "sealed_days",
    "server_secrets",
    "session_days",
    "share_links",
    "testers",
    "tombstones",
}
# What a recount makes temporary tables of: its statements say `public.` where they mean the kept ones.
SHADOWED = ("users", "person_days", "sessions")
# Nothing is compressed there: these never run, and those are read around (stories/chunk_readers.py).
NEVER_ON_CITUS = (
    "storage/next_slice",
    "storage/count_rows",
    "storage/size_of_sessions",
    "storage/leave_sessions",
    "storage/return_sessions",
    "rollups/return_sessions",
    "privacy/leaving_sessions",
)
CHUNK_READERS = (
    "events_of",
    "facts_between",
    "in_chunks",
    "places_in_chunks",
    "latest_events",
    "left_sessions_between",
    "left_sessions_of",
)
NOT_OF_A_RECOUNT = ("rollups/recount_testers", "rollups/recount_tables")


@pytest.fixture(scope="module")
def columns(postgres: str) -> Iterator[dict[str, list[str]]]:
    """Of every table, the fold's work tables among them."""
    name = "test_citus_statements"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name} template template_stories strategy file_copy")
    link = psycopg2.connect(postgres.replace("/stories_analytics?", f"/{name}?"))
    with link.cursor() as cursor:
        cursor.execute(sql("rollups/work_tables"))
        cursor.execute(
            "select relname, array_agg(attname::text) from pg_class join pg_attribute on attrelid = "
            "pg_class.oid where attnum > 0 and not relispartition and relkind in ('r', 'p') "
            "and (relnamespace = 'public'::regnamespace or relpersistence = 't') group by relname"
        )
        found = dict(cursor.fetchall())
        cursor.execute(
            "select proname::text, prosrc from pg_proc where pronamespace = 'public'::regnamespace "
            "and prolang = (select oid from pg_language where lanname = 'sql')"
        )
        functions = dict(cursor.fetchall())
    link.close()
    yield {**found, "functions": [f"{name}: {body}" for name, body in functions.items()]}
    with admin.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


def test_every_table_is_either_distributed_or_local(columns):
    work = {
        "slice",
        "slice_keys",
        "taken_keys",
        "erased_keys",
        "label_facts",
        "other_values",
        "slice_groups",
        "slice_issues",
        "slice_people",
        "left_places",
        "slice_sdk_sessions",
        "slice_segments",
        "functions",
    }
    tables = {name for name in columns if name not in work and not name.startswith("new_")}
    assert tables == LOCAL | set(DISTRIBUTED)
    assert not LOCAL & set(DISTRIBUTED)
    people = {name for name in tables if "user_id" in columns[name]}
    assert people == set(DISTRIBUTED) | {
        "group_people",
        "testers",
        "person_links",
        "remap_queue",
        "minidumps",
    }


def test_the_functions_that_cannot_run_on_a_worker_are_known(columns):
    reading = {
        function.partition(":")[0]
        for function in columns["functions"]
        if any(f"from {table}" in function for table in LOCAL)
    }
    assert reading >= citus_forms.READ_LOCAL_TABLES
    assert reading - citus_forms.READ_LOCAL_TABLES <= {
        "distinct_people",
        *CHUNK_READERS,
    }  # of rollups alone


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_citus_can_plan_it(path, columns):
    name = name_of(path)
    recount = name.startswith("rollups/recount_") and name not in NOT_OF_A_RECOUNT
    if name not in NEVER_ON_CITUS:
        statement = rows_alone(sql(name))
        assert not refused_forms(statement, columns, SHADOWED if recount else ())


REFUSED = {
    "slice": (
        citus_forms.LATERAL,
        """select held.* from slice_keys as keys, lateral (
               select * from events
               where (events.user_id, events.timestamp, events.dedupe_key)
                   = (keys.user_id, keys.timestamp, keys.dedupe_key)
               offset 0
           ) as held where keys.kind = 'event'""",
    ),
    "rows": (
        citus_forms.LATERAL,
        """select apps.slug as app, page.* from apps cross join lateral (
               select * from events where events.app_id = apps.app_id
               order by events.timestamp desc limit %(limit)s
           ) as page
           where %(app_id)s::smallint is null or apps.app_id = %(app_id)s::smallint
           limit %(limit)s""",
    ),
    "an aggregate in a lateral": (
        citus_forms.LATERAL,
        """select min(bounds.first) as first, max(bounds.last) as last
           from apps, lateral (select min(timestamp) as first, max(timestamp) as last
                               from events where events.app_id = apps.app_id) as bounds""",
    ),
    "a function over a distributed table's column": (
        citus_forms.LATERAL,
        """select app_id, user_id, held.key, held.value::bigint
           from new_people join users using (app_id, user_id), jsonb_each_text(users.counts) as held""",
    ),
    "funnels: a lateral": (
        citus_forms.LATERAL,
        """with steps as materialized (select 1 as place, 'a' as event)
           select user_id, matched.steps from events, lateral (
               select array_agg(place order by place) as steps
               from steps where steps.event = events.event
           ) as matched""",
    ),
    "funnels: a correlated subquery": (
        citus_forms.CORRELATED,
        """select user_id, (select ' ' || max(chain.started_at) from sessions as chain, apps
                            where (chain.user_id, chain.app_id) = (events.user_id, events.app_id)
                              and chain.started_at <= events.timestamp) as id
           from events""",
    ),
    "active_gaps": (
        citus_forms.CORRELATED,
        """with active as (select app_id, user_id, day, 1 as kind from new_days)
           select active.*, (select min(held.day) from person_days as held
                             where held.user_id = active.user_id and held.app_id = active.app_id
                               and held.day > active.day and held.flags & kind <> 0) as after
           from active""",
    ),
    "cohort_weeks": (
        citus_forms.CORRELATED,
        """select people.app_id, 1 as people from new_people as people
           where not exists (select 1 from person_days as held
                             where (held.user_id, held.app_id, held.day)
                                >= (people.user_id, people.app_id, people.first_day))""",
    ),
    "erased_keys": (
        citus_forms.CORRELATED,
        """insert into erased_keys select keys.* from slice_keys as keys
           where exists (select 1 from tombstones, apps
                         where keys.timestamp <= erased_at
                           and exists (select 1 from events as held
                                       where held.app_id = apps.app_id
                                         and held.user_id = keys.user_id))""",
    ),
    "recount_keys": (
        citus_forms.CORRELATED,
        """select 'event', user_id, timestamp, dedupe_key from events
           where not exists (select 1 from slice_keys as pending
                             where kind = 'event' and (pending.user_id, pending.timestamp)
                                                    = (events.user_id, events.timestamp))""",
    ),
    "an outer column without its table's name": (
        citus_forms.CORRELATED,
        """select user_id from users
           where exists (select 1 from testers
                         where testers.user_id = user_id and whole_since < last_seen)""",
    ),
    "new_days": (
        citus_forms.OUTER_JOIN,
        """select app_id, user_id, day, coalesce(held.flags, 0)
           from slice left join person_days as held using (user_id, app_id, day)""",
    ),
    "recount_carry": (
        citus_forms.LOCAL_CHANGE,
        """update new_people set events = old.events
           from public.users as old join apps using (app_id) where old.user_id = new_people.user_id""",
    ),
    "new_sessions": (
        citus_forms.CHANGE_IN_CTE,
        """with held as (
               insert into new_sessions (app_id, user_id)
               select old.app_id, old.user_id from slice join sessions as old using (user_id, app_id)
               returning app_id
           ) select * from held""",
    ),
    "recount_seeds": (
        citus_forms.FUNCTION,
        """insert into new_days select days.* from public.person_days as days join apps using (app_id)
           where day < whole_since and not is_tester(app_id, user_id)""",
    ),
    "website_conversions": (
        citus_forms.FUNCTION,
        """select timestamp from events
           where app_id = %(app_id)s and event = 'conversion' and not is_tester(app_id, user_id)""",
    ),
    "recount_differences": (
        citus_forms.FUNCTION,
        "delete from public.person_days where day < current_date and not is_sealed(app_id, day)",
    ),
    "claim_image": (
        citus_forms.LOCK,
        """with mine as (
               select user_id, timestamp, dedupe_key from images
               where state = 'waiting' order by next_try limit 1 for update skip locked
           )
           update images set attempts = attempts + 1 from mine
           where (images.user_id, images.timestamp) = (mine.user_id, mine.timestamp)
           returning image_id""",
    ),
    "has_data": (
        citus_forms.NO_COLUMNS,
        "select exists (select from events where app_id = %(app_id)s::smallint) as has_data",
    ),
    "prometheus_gauges": (
        citus_forms.NO_COLUMNS,
        "select (select count(*) from (select from set_aside limit 50000) as first) as set_aside_events",
    ),
    "expire_events": (
        citus_forms.PLACE,
        """delete from events where (tableoid, ctid) in (
               select tableoid, ctid from events where app_id = %(app_id)s limit %(most)s)""",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_form_that_it_refused_is_seen(name, columns):
    form, statement = REFUSED[name]
    assert form in refused_forms(statement, columns)


PLANNED = {
    "of one person on each worker": """delete from external_ids as ids
        where not exists (select 1 from users
                          where (users.user_id, users.app_id) = (ids.user_id, ids.app_id))""",
    "a list that is read first": """select count(*) from events
        where user_id not in (select user_id from testers where app_id is null)""",
    "an inner join with a local table": """create temporary table copies on commit drop as
        select events.* from events join slice_keys as keys using (user_id, timestamp, dedupe_key)""",
    "a lateral over local tables": """select day, kinds.kind from new_days, lateral (
        select 0 as kind where old_flags = 0) as kinds""",
    "what is returned by a change of a distributed table": """with moved as (
        delete from set_aside returning kind, user_id) insert into testers (user_id)
        select user_id from moved""",
}


@pytest.mark.parametrize("name", PLANNED)
def test_a_form_that_it_planned_is_let_through(name, columns):
    assert not refused_forms(PLANNED[name], columns)
