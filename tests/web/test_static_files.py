"""The files of static/ as a real server sends them: small, kept for good, and never another's."""

from __future__ import annotations

import gzip
import json
import re
import urllib.request
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from stories.config import ROOT
from tests.support import basic
from tools.server import Server

STATIC = ROOT / "static"


@pytest.fixture(scope="module")
def server(postgres):
    dsn = postgres.replace("/stories_analytics?", "/template_stories?")
    started = Server(dsn, RUN_JOBS="false")
    yield started.wait()
    started.stop()


def get(server, path, method="GET", **headers):
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def page(server, path):
    request = urllib.request.Request(server.url + path, headers=basic("admin", "admin"))
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def addresses(text):
    return re.findall(r'(?:src|href)="(/static/[^"]+)"', text)


@pytest.mark.parametrize("path", ["/docs", "/dashboard"])
def test_what_a_page_loads_has_a_hash_in_its_name_and_is_kept_for_good(server, path):
    found = addresses(page(server, path))
    assert len(found) >= 3
    for address in found:
        answer, body = get(server, address)
        assert answer.status == 200, address
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address)
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers
        plain = STATIC / re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", address.removeprefix("/static/"))
        assert body == plain.read_bytes()


def test_docs_are_a_quarter_of_their_size_on_the_wire(server):
    plain = small = 0
    for address in addresses(page(server, "/docs")):
        plain += len(get(server, address)[1])
        answer, body = get(server, address, **{"Accept-Encoding": "gzip, br"})
        assert answer.headers["Content-Encoding"] == "gzip" or len(body) < 1000
        assert answer.headers["Vary"] == "Accept-Encoding"
        small += len(body)
    assert plain > 1_500_000
    assert small < plain / 3.5


def test_a_compressed_file_is_the_file(server):
    [address] = [name for name in addresses(page(server, "/docs")) if "bundle" in name]
    _, plain = get(server, address)
    _, small = get(server, address, **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(small) == plain


def test_the_import_map_leads_every_module_to_its_hashed_name(server):
    text = page(server, "/dashboard")
    [text] = re.findall(r'<script type="importmap">(.*?)</script>', text)
    imports = json.loads(text)["imports"]
    modules = {f"/static/{path.relative_to(STATIC)}" for path in STATIC.glob("dashboard/**/*.js")}
    assert set(imports) == modules
    for address in imports.values():
        assert get(server, address, "HEAD")[0].status == 200, address


def test_a_file_that_did_not_change_is_not_sent_again(server):
    [address] = [name for name in addresses(page(server, "/docs")) if "docs" in name]
    first, _ = get(server, address)
    again, body = get(server, address, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, body) == (304, b"")


@pytest.mark.parametrize("path", ["/static/", "/static/dashboard", "/static/dashboard/nothing.js"])
def test_what_is_no_file_is_a_404_in_the_one_shape(server, path):
    answer, body = get(server, path)
    assert answer.status == 404
    assert json.loads(body)["code"] == "not_found"


def test_licences_are_served_beside_what_they_are_of(server):
    for path in STATIC.glob("vendor/*/*"):
        if path.suffix not in (".js", ".css"):
            answer, body = get(server, f"/static/{path.relative_to(STATIC)}")
            assert (answer.status, body) == (200, path.read_bytes())
