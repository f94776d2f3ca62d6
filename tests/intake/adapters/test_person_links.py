"""One anonymous id goes to one known person: from when it is said, in its whole request, for good."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest

from stories.privacy import person_links
from stories.privacy.ids import person_id
from stories.privacy.person_links import Identity, PersonLinks
from stories.storage import expiry
from tests.intake.adapters.product_sdks import (
    AUTH,
    CAPTURED,
    KEY,
    batch,
    calls,
    drops,
    everything,
    held,
    make_app,
)
from tests.rollup_tables import fold_all, run, values


@pytest.fixture
def shop(client, services, database):
    return make_app(client, services, database)


@pytest.fixture
def who(services, shop):
    """The person whom the app knows by an id."""
    return lambda own: person_id(shop, own, services.key.digest())


def event(name, own, **properties):
    return {
        "event": name,
        "distinct_id": own,
        "uuid": str(uuid4()),
        "timestamp": CAPTURED.isoformat(),
        "properties": properties,
    }


def identify(own, anonymous=None):
    return event("$identify", own, **({"$anon_distinct_id": anonymous} if anonymous else {}))


def alias(own, other):
    return event("$create_alias", own, alias=other)


def people(database):
    return dict(values(database, "select event, user_id from events"))


def links(database):
    return dict(values(database, "select anonymous, user_id from person_links"))


def test_it_is_so_for_the_whole_request_and_from_then_on(client, database, who):
    batch(client, event("earlier", "x"))
    batch(client, event("before", "x"), identify("anna", "x"), event("after", "x"))
    batch(client, event("later", "x"), event("own", "anna"))
    anna = who("anna")
    assert people(database) == {
        "earlier": who("x"),  # as it was counted, so it stays
        "before": anna,
        "after": anna,
        "later": anna,
        "own": anna,
    }


def test_the_first_link_stands(client, database, who):
    batch(client, identify("anna", "x"), identify("bea", "x"))
    batch(client, identify("bea", "x"), event("a", "x"))
    assert people(database)["a"] == who("anna")


def test_two_known_people_never_become_one(client, database, who):
    batch(client, identify("anna", "x"), identify("bea"))
    batch(client, identify("anna", "bea"), alias("anna", "bea"), alias("bea", "anna"))
    batch(client, event("a", "anna"), event("b", "bea"))
    assert people(database) == {"a": who("anna"), "b": who("bea")}
    batch(client, identify("carl", "dora"), identify("dora", "y"), event("c", "dora"))
    assert people(database)["c"] == who("dora")  # known in the same request


def test_an_alias_goes_to_whoever_is_known(client, database, who):
    batch(client, identify("anna"))
    batch(client, alias("x", "anna"), event("a", "x"))  # as the client for Python says it
    batch(client, alias("anna", "y"), event("b", "y"))  # as that for Node does
    made = str(uuid4())
    batch(client, alias(made, "bea"), event("c", made))
    assert people(database) == {"a": who("anna"), "b": who("anna"), "c": who("bea")}


def test_an_alias_of_an_alias_goes_to_the_same_person(client, database, who):
    batch(client, identify("anna", "x"))
    batch(client, alias("x", "y"), event("a", "y"))
    assert people(database)["a"] == who("anna")


def test_events_without_a_profile_are_the_persons_once_it_is_known(client, database, who):
    quiet = {"$process_person_profile": False}
    batch(client, event("a", "x", **quiet))
    batch(client, identify("anna", "x"))
    batch(client, event("b", "x", **quiet), event("c", "anna", **quiet))
    sent = people(database)
    assert sent["b"] == who("anna")
    assert sent["a"] >= UUID("ffffffff-ffff-ffff-0000-000000000000") <= sent["c"]


def test_a_retry_of_what_was_sent_before_the_link_is_stored_once(client, database, who):
    error = [{"type": "E", "value": "x", "mechanism": {"handled": False}}]
    sent = [
        event("a", "x"),
        {**event("stamped", "x"), "timestamp": None},
        {**event("$exception", "x"), "properties": {"$exception_list": error}},
        event("$exception", "x", **{"$exception_list": [{"type": "Handled"}]}),
    ]
    batch(client, *sent)
    before = held(database, "event, user_id"), values(database, "select user_id from crashes")
    batch(client, identify("anna", "x"))
    batch(client, *sent, event("new", "x"))
    assert (
        [row for row in held(database, "event, user_id") if row[0] != "new"],
        values(database, "select user_id from crashes"),
    ) == before
    assert people(database)["new"] == who("anna")


def test_content_is_known_again_after_the_link_too(client, database, shop):
    sent = {"event": "a", "distinct_id": "x", "timestamp": CAPTURED.isoformat()}
    batch(client, sent)
    batch(client, identify("anna", "x"))
    batch(client, sent)
    assert len(held(database)) == 1
    other = {**sent, "event": "b"}
    batch(client, other)
    batch(client, other)
    assert len(held(database)) == 2


def test_a_crash_is_the_persons_to_whom_its_id_is_linked(client, database, who):
    error = [{"type": "E", "value": "x", "mechanism": {"handled": False}}]
    batch(client, identify("anna", "x"))
    batch(client, event("$exception", "x", **{"$exception_list": error}))
    assert values(database, "select user_id from crashes") == [(who("anna"),)]


def test_segment_says_it_too(client, database, who):
    track = {"type": "track", "timestamp": CAPTURED.isoformat()}
    calls(
        client,
        {**track, "event": "before", "anonymousId": "x"},
        {"type": "identify", "userId": "anna", "anonymousId": "x"},
        {"type": "alias", "userId": "anna", "previousId": "y"},
    )
    calls(client, {**track, "event": "later", "anonymousId": "y"})
    assert people(database) == {"before": who("anna"), "later": who("anna")}


def test_ids_that_are_none_are_never_linked(client, database, shop):
    batch(client, identify("anna", "null"), identify("undefined", "x"), alias("anonymous", "anna"))
    assert len(links(database)) == 1  # Anna's own
    assert drops(client) == {"left_out:identify": 2}


def test_another_app_knows_nothing_of_it(client, services, database, who):
    batch(client, identify("anna", "x"))
    client.post("/apps", json={"slug": "two", "kind": "desktop", "accepts": "open"}, headers=AUTH)
    two = services.apps.by_slug_now("two")
    client.post("/e/", json={"api_key": two.ingest_key, "event": "a", "distinct_id": "x"})
    expected = person_id(two, "x", services.key.digest())
    assert people(database)["a"] == expected


def test_people_and_apps_have_room_for_so_many(client, services, database, shop, monkeypatch):
    monkeypatch.setattr(person_links, "MAX_OF_PERSON", 3)
    batch(client, *(identify("anna", f"x{n}") for n in range(5)))
    assert len(links(database)) == 1 + 3
    assert drops(client) == {"left_out:links": 2}
    monkeypatch.setattr(person_links, "MAX_OF_APP", 6)
    batch(client, *(identify(f"p{n}") for n in range(5)))
    assert len(links(database)) == 6


def test_links_that_are_said_at_once_agree(services, database, shop):
    ids = [uuid4() for _ in range(8)]
    shared = uuid4()

    def learn(person: UUID) -> None:
        learner = PersonLinks(services.database)
        identities = [Identity(person, shared)]
        found = learner.find(shop, {person, shared})
        learner.learn(shop, found, identities, CAPTURED)

    threads = [Thread(target=learn, args=(person,)) for person in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held_links = links(database)
    assert held_links[shared] in ids
    assert all(held_links[person] == person for person in ids)


def test_a_request_asks_once_and_only_about_ids(client, services, monkeypatch, shop):
    asked = []
    find = services.person_links.find

    def counted(app, ids):
        asked.append(len(ids))
        return find(app, ids)

    monkeypatch.setattr(services.person_links, "find", counted)
    batch(client, *(event("a", f"x{n}") for n in range(50)))
    assert asked == [50]


@pytest.mark.parametrize("own", ["anna", "x", "y"])
def test_erasing_finds_the_person_by_any_id(client, services, database, who, own):
    batch(client, event("a", "x"), event("b", "y"), event("c", "z"))
    batch(client, identify("anna", "x"), identify("anna", "y"), event("d", "anna"))
    fold_all(services)
    copy = client.get(f"/users/{own}/export?app=shop", headers=AUTH).json
    assert sorted(row["event"] for row in copy["events"]) == ["a", "b", "d"]
    assert {row["anonymous"] for row in copy["person_links"]} == {
        str(who(each)) for each in ("anna", "x", "y")
    }
    deleted = client.delete(f"/users/{own}?app=shop", headers=AUTH).json["deleted"]
    assert (deleted["events"], deleted["person_links"]) == (3, 3)
    assert people(database) == {"c": who("z")}
    batch(client, event("e", "x"), event("f", "anna"), event("g", "y"))  # what a queue still holds
    assert people(database) == {"c": who("z")}
    kept = everything(database)
    assert not [each for each in ("anna", "x", "y") if str(who(each)) in kept]


def test_an_id_that_is_a_uuid_is_found_in_all_apps(client, services, database, who):
    anonymous = str(uuid4())
    batch(client, event("a", anonymous), event("b", "anna"))
    batch(client, identify("anna", anonymous))
    fold_all(services)
    deleted = client.delete(f"/users/{anonymous}", headers=AUTH).json["deleted"]
    assert deleted["events"] == 2
    assert links(database) == {}


def test_links_go_with_their_people(client, services, database, who, shop):
    batch(client, identify("anna", "x"), event("a", "anna"), identify("bea", "y"))
    fold_all(services)
    old = CAPTURED - timedelta(days=400)
    run(database, "update person_links set linked_at = %(old)s", old=old)
    expiry.expire(services.database, services.apps, services.key, CAPTURED)
    assert set(links(database)) == {who("anna"), who("x")}  # of Bea nothing is held
    expiry.expire(services.database, services.apps, services.key, CAPTURED + timedelta(days=500))
    assert links(database) == {}


def test_a_key_that_is_wrong_links_nobody(client, database, shop):
    body = {"api_key": KEY[::-1], "batch": [identify("anna", "x")]}
    assert client.post("/batch/", json=body).status_code == 401
    assert links(database) == {}
