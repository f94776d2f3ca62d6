"""Whatever happens in whatever order, issues count what is stored: random crashes, folds and actions."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import Inline
from stories.crashes import moving, states
from stories.crashes.states import StateError
from stories.privacy import erasure
from stories.rollups import fold, recount
from tests.crashes.crash_rows import crash, fingerprint, handled_error, issues, name_group
from tests.rollup_tables import (
    crash_row,
    differences,
    fold_all,
    midday,
    new_app,
    person,
    run,
    value,
    values,
)
from tests.support import crash as crash_body

GROUPS = ("cart", "door", "lamp", "sink")


def random_crashes(seed: int, now: datetime, count: int, app_id: int) -> list[Any]:
    rng = random.Random(seed)
    return [
        crash_row(
            person(rng.randrange(5)),
            midday(now, rng.randrange(9)) + timedelta(seconds=rng.randrange(3)),
            app_id,
            app_version=rng.choice(("", "1.0", "1.1", "1.10")),
            os_version=rng.choice((None, "linux", "darwin")),
            fingerprint=fingerprint(rng.choice(GROUPS)),
        )
        for _ in range(count)
    ]


def told(services, app_id: int) -> dict[str, list[Any]]:
    """All that groups and issues say of an app, but numbers and ids."""
    bounds = "first_seen, last_seen, first_version, last_version"
    columns = {
        "groups": f"encode(fingerprint, 'hex'), n, {bounds}",
        "group_days": "encode(fingerprint, 'hex'), dim, value, day, n",
        "group_people": "encode(fingerprint, 'hex'), user_id, n, last_at",
        "issues": f"title, n, people, state, {bounds}",
    }
    return {
        table: values(
            services.database,
            f"select {names} from {table} where app_id = {app_id} order by 1, 2, 3, 4",
        )
        for table, names in columns.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_neither_the_order_of_arrival_nor_the_cut_of_slices_matters(services, now, seed):
    answers = []
    for attempt in range(3):
        app = new_app(services, f"order-{seed}-{attempt}")
        for group in GROUPS:
            name_group(services, group, app.app_id)
        rows = random_crashes(seed, now, 40, app.app_id)
        rng = random.Random(attempt)
        rng.shuffle(rows)
        while rows:
            cut = rng.randrange(1, 20)
            services.crashes.append(rows[:cut])
            services.crashes.append(rows[: cut // 2])  # sent again
            rows = rows[cut:]
            if rng.random() < 0.7:
                fold.fold_slice(
                    services.database, services.apps, services.key, most=rng.randrange(1, 30)
                )
        fold_all(services)
        answers.append(told(services, app.app_id))
    assert answers[0] == answers[1] == answers[2]
    assert sum(row[1] for row in answers[0]["groups"]) == 40


def test_a_crash_sent_twice_counts_once(client, services):
    body = crash_body(id="one-and-the-same")
    for _ in range(3):
        assert client.post("/crash", json=body).status_code == 200
        fold_all(services)
    assert issues(services, "n", "people") == [(1, 1)]


@pytest.mark.parametrize("step", fold.STEPS[fold.STEPS.index("crashes/releases") :])
def test_a_fold_that_fails_changes_nothing(services, now, monkeypatch, step):
    """At whatever step it ends, all of the slice is undone, and the next fold counts it once."""
    crash(services, "cart", midday(now, 2))
    real = fold.add_slice

    def fail(tx, defined):
        names = fold.STEPS[: fold.STEPS.index(step)]
        tx.run_all((*fold.reading(tx), *names), **defined)
        raise RuntimeError("killed")

    monkeypatch.setattr(fold, "add_slice", fail)
    with pytest.raises(RuntimeError):
        fold_all(services)
    for table in ("issues", "groups", "group_days", "group_people", "releases", "issue_log"):
        assert value(services.database, f"select count(*) from {table}") == 0
    assert value(services.database, "select last_issue from apps where slug = 'desktop'") == 0
    monkeypatch.setattr(fold, "add_slice", real)
    fold_all(services)
    assert issues(services, "number", "n", "people") == [(1, 1, 1)]


def test_a_crash_that_breaks_the_fold_is_set_aside_and_the_others_count(services, now, database):
    for number in range(5):
        crash(services, "cart", midday(now, number), who=number)
    run(database, "alter table group_people add constraint spoilt check (user_id <> "
        f"'{person(3)}')")  # fmt: skip
    try:
        fold_all(services)
        assert value(database, "select count(*) from set_aside") == 1
        assert issues(services, "n", "people") == [(4, 4)]
        assert differences(services) == {}
    finally:
        run(database, "alter table group_people drop constraint spoilt")
    fold.return_set_aside(services.database)
    fold_all(services)
    assert issues(services, "n", "people") == [(5, 5)]


def totals_are_right(services) -> None:
    """The counters that the fold carries are what a count from nothing gives."""
    with services.database.transaction() as tx:
        before = tx.rows(Inline("/* test */ select * from issues order by issue_id"))
        tx.run("crashes/issue_totals", issue_ids=[row["issue_id"] for row in before])
        assert tx.rows(Inline("/* test */ select * from issues order by issue_id")) == before


@pytest.mark.parametrize("seed", range(4))
def test_after_any_actions_a_recount_agrees(services, now, seed):
    rng = random.Random(seed)
    for group in (*GROUPS, "moved"):
        name_group(services, group)
    for step in range(14):
        services.crashes.append(random_crashes(seed * 100 + step, now, 6, 1))
        for _ in range(2):
            handled_error(
                services, rng.choice(GROUPS), midday(now, rng.randrange(9)), rng.randrange(5)
            )
        fold_all(services)
        act(services, rng, now)
        totals_are_right(services)
        if step % 4 == 3:
            assert differences(services) == {}
    assert not any(recount.rebuild(services.database, services.apps)["differences"].values())


def act(services, rng: random.Random, now: datetime) -> None:
    ids = [row for (row,) in values(services.database, "select issue_id from issues order by 1")]
    groups = [
        row.tobytes() for (row,) in values(services.database, "select fingerprint from groups")
    ]
    one, other = rng.choice(ids), rng.choice(ids)
    actions = {
        "merge": lambda tx: states.merge(tx, one, [other], "ann"),
        "unmerge": lambda tx: states.unmerge(tx, one, [rng.choice(groups)], "ann"),
        "undo": lambda tx: states.undo(tx, one, "ann"),
        "mute": lambda tx: states.mute(tx, one, "ann", until_crashes=3),
        "resolve": lambda tx: states.resolve(tx, one, "ann", in_version="1.1"),
        "move": lambda tx: moving.move(
            tx, services.apps, services.key, some_crashes(services, rng)
        ),
    }
    name = rng.choice([*actions, "merge", "undo", "erase"])
    if name == "erase":
        who = person(rng.randrange(5))
        erasure.erase(services.database, services.apps, services.key, who, None, datetime.now(UTC))
        run(services.database, "delete from tombstones")
        return
    try:
        with services.database.transaction() as tx:
            actions[name](tx)
    except StateError:
        pass


def some_crashes(services, rng: random.Random) -> list[dict[str, Any]]:
    target = fingerprint(rng.choice((*GROUPS, "moved")))
    rows = values(
        services.database,
        "select kind, user_id, timestamp, dedupe_key from ("
        "select 'crash' as kind, user_id, timestamp, dedupe_key from crashes union all "
        "select 'event', user_id, timestamp, dedupe_key from events) as both_kinds "
        "order by mod(dedupe_key, 7), dedupe_key limit 9",
    )
    names = ("kind", "user_id", "timestamp", "dedupe_key")
    return [{**dict(zip(names, row, strict=True)), "fingerprint": target} for row in rows]


@pytest.mark.parametrize("seed", range(5))
def test_to_merge_and_to_unmerge_again_equals_nothing(services, now, seed):
    rng = random.Random(seed)
    for group in GROUPS:
        name_group(services, group)
    services.crashes.append(random_crashes(seed, now, 30, 1))
    fold_all(services)

    def state():
        return values(
            services.database,
            "select issues.*, encode(fingerprint, 'hex'), groups.n, home_id from issues "
            "left join groups using (issue_id) order by issue_id, fingerprint",
        )

    before = state()
    ids = sorted({row[0] for row in before})
    into = rng.choice(ids)
    others = [each for each in ids if each != into and rng.random() < 0.7] or [
        next(each for each in ids if each != into)
    ]
    guests = [
        row.tobytes()
        for (row,) in values(
            services.database,
            "select fingerprint from groups where issue_id = any(%(others)s)",
            others=others,
        )
    ]
    with services.database.transaction() as tx:
        states.merge(tx, into, others, "ann")
    assert state() != before
    with services.database.transaction() as tx:
        if seed % 2:
            states.undo(tx, into, "ann")
        else:
            states.unmerge(tx, into, guests, "ann")
    assert state() == before
