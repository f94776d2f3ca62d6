"""The address of a database that is named: looked up by us, where a silent name server stops nobody."""

from __future__ import annotations

import socket
import time

import gevent.monkey
import psycopg2
import pytest

import database
from database import Database, Unavailable

NAMED = "postgresql://user@db.example:5433/name?sslmode=prefer"


@pytest.fixture(autouse=True)
def in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gevent.monkey, "is_module_patched", lambda name: True)


def answered(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_libpq_is_given_every_address_beside_the_name(monkeypatch):
    answered(monkeypatch, "192.0.2.1", "192.0.2.2", "192.0.2.1")
    expected = {"host": "db.example,db.example", "hostaddr": "192.0.2.1,192.0.2.2"}
    assert database._addresses(NAMED, 1) == expected
    parts = psycopg2.extensions.parse_dsn(psycopg2.extensions.make_dsn(NAMED, **expected))
    assert (parts["port"], parts["sslmode"]) == ("5433", "prefer")


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql:///name?host=/run/postgresql",
        "postgresql://user@192.0.2.7/name",
        "postgresql://user@[2001:db8::1]/name",
        "postgresql://user@one.example,two.example/name",
        "host=db.example hostaddr=192.0.2.9 dbname=name",
        "dbname=name",
    ],
)
def test_what_is_no_single_name_is_libpqs(monkeypatch, dsn):
    answered(monkeypatch, "192.0.2.1")
    assert database._addresses(dsn, 1) == {}


def test_a_name_server_that_is_silent_is_waited_for_no_longer_than_for_the_database(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: gevent.sleep(30))
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"the address of db\.example could not be found"):
        Database(NAMED).connect(0.2)
    assert time.monotonic() - began < 5


def test_a_name_that_nobody_knows_is_one_sentence(monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable, match="could not be found"):
        Database(NAMED).connect(1)
