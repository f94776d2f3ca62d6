"""Sessions of SDKs from the envelope to the days: counted once, by the worst that came of each."""

from __future__ import annotations

import itertools
import json
import random
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from stories.config import ROOT
from stories.intake.adapters.sentry_sessions import AGGREGATE_FIELDS, SESSION_FIELDS
from stories.rollups import fold, recount
from stories.storage import expiry
from tests.rollup_tables import differences, dump, fold_all, midday, run, set_app, value, values

STATUSES = ("ok", "exited", "errored", "unhandled", "abnormal", "crashed")
SUMS = "sum(sessions), sum(errored), sum(unhandled), sum(abnormal), sum(crashed)"


@pytest.fixture
def send(client, services, now):
    """send(items, sent_at=None): an envelope of sessions for the desktop app."""
    app = services.apps.default("desktop")

    def send(*items, sent_at=None):
        lines = [json.dumps({"sent_at": sent_at} if sent_at else {})]
        for item in items:
            kind = "sessions" if "aggregates" in item else "session"
            lines += [json.dumps({"type": kind}), json.dumps(item)]
        address = f"/api/{app.app_id}/envelope/?sentry_key={app.ingest_key}"
        answer = client.post(address, data="\n".join(lines).encode())
        assert answer.status_code == 200, answer.get_json()

    return send


def session(sid: str, started: datetime, status: str = "ok", version: str = "1.0", **more):
    attrs = {"release": f"stories@{version}", "environment": "production"}
    return {
        "sid": sid,
        "started": started.isoformat(),
        "status": status,
        "attrs": attrs,
        "did": "someone",
        **more,
    }


def counted(database) -> tuple[int, ...]:
    """(sessions, errored, unhandled, abnormal, crashed) of all days and versions."""
    [row] = values(database, f"select {SUMS} from session_days")
    return tuple(int(each or 0) for each in row)


def test_the_worst_that_came_of_a_session_counts_in_any_order(services, database, send, now):
    for order in itertools.permutations(("ok", "exited", "crashed")):
        sid = uuid4().hex
        for status in order:
            send(session(sid, midday(now, 1), status))
            if order[0] == "crashed":
                fold_all(services)
    fold_all(services)
    assert counted(database) == (6, 0, 0, 0, 6)
    assert differences(services) == {}


def test_a_retry_counts_once_and_a_later_crash_moves_the_session(services, database, send, now):
    sid = str(uuid4())
    for _ in range(3):
        send(session(sid, midday(now, 1)))
        fold_all(services)
    assert counted(database) == (1, 0, 0, 0, 0)
    assert value(database, "select count(*) from outbox") == 0
    send(session(sid, midday(now, 1), errors=1))
    fold_all(services)
    assert counted(database) == (1, 1, 0, 0, 0)
    send(session(sid, midday(now, 1), "crashed"), session(sid, midday(now, 1), "crashed"))
    fold_all(services)
    assert counted(database) == (1, 0, 0, 0, 1)
    assert differences(services) == {}


def test_each_status_has_its_column(services, database, send, now):
    send(*(session(uuid4().hex, midday(now, 1), status) for status in STATUSES))
    fold_all(services)
    assert counted(database) == (6, 1, 1, 1, 1)


def test_a_day_and_a_version_have_their_own_row(services, database, send, now):
    set_app(services, "desktop", timezone="America/New_York")
    early = midday(now, 1).replace(hour=2)  # the day before in New York
    send(session("a", early, version="1.0"), session("b", midday(now, 1), version="2.0"))
    send({**session("c", midday(now, 1)), "attrs": {}}, session("d", early, version="who knows"))
    fold_all(services)
    days = [midday(now, number).date() for number in (2, 1)]
    assert values(database, "select day, version, sessions from session_days order by 1, 2") == [
        (days[0], "1.0", 1),
        (days[0], "other", 1),
        (days[1], "", 1),
        (days[1], "2.0", 1),
    ]
    assert differences(services) == {}


def test_what_says_another_day_or_version_later_moves_as_a_whole(services, database, send, now):
    send(session("a", midday(now, 1), "exited", version="2.0"))
    fold_all(services)
    send(session("a", midday(now, 3), "errored", version="1.0"))
    fold_all(services)
    assert values(
        database,
        f"select day, version, {SUMS} from session_days group by 1, 2 having sum(sessions) <> 0",
    ) == [(midday(now, 3).date(), "1.0", 1, 1, 0, 0, 0)]
    assert differences(services) == {}


def test_what_a_server_has_added_up_counts_once(services, database, send, now):
    attrs = {"release": "api@1.0"}
    items = [
        {"started": midday(now, 1).isoformat(), "exited": 40, "errored": 2, "crashed": 1},
        {"started": midday(now, 2).isoformat(), "exited": 7},
        {"started": "never", "exited": 1_000},
    ]
    for _ in range(2):
        send({"attrs": attrs, "aggregates": items}, sent_at="2026-11-20T10:00:00Z")
        fold_all(services)
    assert counted(database) == (50, 2, 0, 0, 1)
    send({"attrs": attrs, "aggregates": items}, sent_at="2026-11-20T10:00:01Z")  # another server's
    fold_all(services)
    assert counted(database) == (100, 4, 0, 0, 2)
    assert differences(services) == {}


def test_debug_builds_and_testers_count_nowhere(services, database, send, now):
    debug = {"release": "app@1.0", "environment": "Development"}
    send({**session("a", midday(now, 1)), "attrs": debug})
    send({"attrs": debug, "aggregates": [{"started": midday(now, 1).isoformat(), "exited": 3}]})
    tester = uuid4()
    run(database, "insert into testers (app_id, user_id) values (null, %(who)s)", who=tester)
    send(session("b", midday(now, 1), did=str(tester)), session("c", midday(now, 1)))
    fold_all(services)
    assert counted(database) == (1, 0, 0, 0, 0)
    assert value(database, "select count(*) from sdk_sessions") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"sid": None},
        {"sid": {}},
        {"started": "yesterday"},
        {"started": 1e300},
        {"started": "1970-01-01T00:00:00Z"},
        {"status": "sleeping"},
        {"status": {"a": 1}, "sid": ""},
    ],
)
def test_a_bad_session_costs_none_beside_it(services, database, send, now, wrong):
    send({**session("a", midday(now, 1)), **wrong}, session("b", midday(now, 1)))
    fold_all(services)
    assert counted(database) == (1, 0, 0, 0, 0)


def test_random_versions_of_a_stranger_have_two_hundred_places(services, database, send, now):
    for who in range(3):
        send(session(f"own {who}", midday(now, 2), version="1.0"))
    fold_all(services)
    for first in range(0, 300, 100):
        send(
            *(session(f"s{n}", midday(now, 1), version=f"9.{n}") for n in range(first, first + 100))
        )
        fold_all(services)
    send(
        session("late", midday(now, 1), version="1.0"),
        session("later", midday(now, 1), version="8.1"),
    )
    fold_all(services)
    day = midday(now, 1).date()
    rows = dict(
        values(database, "select version, sessions from session_days where day = %(day)s", day=day)
    )
    assert len(rows) == 202  # 200 places, one for what was in use before, and other
    assert sum(rows.values()) == 302
    assert (rows["1.0"], rows["other"]) == (1, 101)
    assert differences(services) == {}


def test_nothing_of_a_person_is_stored(services, database, send, now):
    did = str(uuid4())
    agent = {"ip_address": "203.0.113.9", "user_agent": "Mozilla/5.0 (secret)"}
    item = session(str(uuid4()), midday(now, 1), did=did)
    item["attrs"] |= agent
    send(item)
    fold_all(services)
    held = str([dump(database, (table,)) for table in ("sdk_sessions", "session_days")])
    for text in (did, "203.0.113.9", "Mozilla", "production", "someone"):
        assert text not in held


def test_the_documents_name_the_fields_that_are_taken():
    text = " ".join((ROOT / "docs" / "PRIVACY_TELEMETRY.md").read_text().split())
    for fields in (SESSION_FIELDS, AGGREGATE_FIELDS):
        assert ", ".join(f"`{name}`" for name in fields) in text


def test_random_traffic_rebuilds_to_the_same_and_a_change_counts_from_there(
    services, database, send, now
):
    rng = random.Random(5)
    started = {n: midday(now, rng.randrange(6)) for n in range(60)}
    worst: dict[int, int] = {}
    for _ in range(40):
        items = []
        for n in rng.sample(range(60), 5):
            status = rng.choice(STATUSES)
            worst[n] = max(worst.get(n, 0), STATUSES.index(status))
            items.append(session(f"s{n}", started[n], status, version=f"1.{n % 4}"))
        send(*items)
        if rng.random() < 0.5:
            fold_all(services)
    fold_all(services)
    ranks = list(worst.values())
    expected = (len(ranks), *(ranks.count(rank) for rank in (2, 3, 4, 5)))
    assert counted(database) == expected
    assert differences(services) == {}
    before = dump(database, ("session_days", "sdk_sessions", "kept_values"))
    recount.rebuild(services.database, services.apps)
    assert dump(database, ("session_days", "sdk_sessions", "kept_values")) == before

    run(database, "update session_days set sessions = sessions + 1, crashed = crashed + 9")
    run(database, "update sdk_sessions set counted_status = 0, counted_day = counted_day - 1")
    assert differences(services)["session_days"] > 0
    recount.rebuild(services.database, services.apps)
    assert dump(database, ("session_days", "sdk_sessions", "kept_values")) == before
    send(session("s0", started[0], "crashed"), session("new", midday(now, 1)))
    fold_all(services)
    assert sum(counted(database)[:1]) == expected[0] + 1 + (0 not in worst)
    assert differences(services) == {}


def test_a_fold_that_is_undone_counts_nothing_and_the_next_counts_once(
    services, database, send, now, monkeypatch
):
    send(*(session(f"s{n}", midday(now, 1), "crashed") for n in range(20)))
    real = fold.add_slice

    class Killed(BaseException):
        pass

    def killed(tx, defined):
        real(tx, defined)
        raise Killed

    monkeypatch.setattr(fold, "add_slice", killed)
    with pytest.raises(Killed):
        fold_all(services)
    assert counted(database) == (0, 0, 0, 0, 0)
    assert value(database, "select count(*) from sdk_sessions where counted_status is null") == 20
    monkeypatch.setattr(fold, "add_slice", real)
    fold_all(services)
    assert counted(database) == (20, 0, 0, 0, 20)
    assert differences(services) == {}


def test_one_that_breaks_the_fold_is_set_aside_and_costs_no_other(services, database, send, now):
    run(
        database,
        "alter table session_days add constraint none check (version <> '6.6.6') not valid",
    )
    try:
        bad = session("bad", midday(now, 1), version="6.6.6")
        send(*(session(f"s{n}", midday(now, 1)) for n in range(9)), bad)
        fold_all(services)
    finally:
        run(database, "alter table session_days drop constraint none")
    assert counted(database) == (9, 0, 0, 0, 0)
    assert values(database, "select kind from set_aside") == [("session",)]
    assert differences(services) == {}
    fold.return_set_aside(services.database)
    fold_all(services)
    assert counted(database) == (10, 0, 0, 0, 0)
    assert differences(services) == {}


def test_sessions_go_after_thirty_days_and_their_days_stay(services, database, send, now):
    send(session("old", midday(now, 27), "crashed"), session("new", midday(now, 20)))
    fold_all(services)
    before = dump(database, ("session_days",))
    expiry.expire(services.database, services.apps, services.key, now + timedelta(days=5))
    assert value(database, "select count(*) from sdk_sessions") == 1
    assert dump(database, ("session_days",)) == before


def test_what_started_too_long_ago_is_refused(services, database, send, now):
    send(session("old", now - timedelta(days=29)), session("new", now - timedelta(days=27)))
    assert value(database, "select count(*) from sdk_sessions") == 1
