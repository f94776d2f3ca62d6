"""sentry-cli as it is published, in two generations, with SENTRY_URL at this server."""

from __future__ import annotations

import json
import re
import subprocess
from hashlib import sha1
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.sdks.sdks import FOLDER, SECONDS, ask
from tests.sdks.shop import SENTRY_CLI, Shop
from tests.support import require

BOTH = pytest.mark.parametrize("version", SENTRY_CLI)


@pytest.fixture(scope="module")
def shop(tmp_path_factory, start_receiver) -> Shop:
    made = Shop(tmp_path_factory.mktemp("cli"), start_receiver())
    made.bundle()
    made.sentry_cli("sourcemaps", "inject", "dist")
    return made


def stored(shop: Shop) -> list[dict[str, Any]]:
    path = f"/artifacts?app={shop.receiver.slug}"
    artifacts: list[dict[str, Any]] = ask(shop.receiver.url, path)["artifacts"]
    return artifacts


@BOTH
def test_info_knows_the_token_and_a_wrong_one(shop, version):
    assert "project:releases" in shop.sentry_cli("info", version=version)
    for wrong in ("st_none", shop.receiver.key):
        refused = shop.run(SENTRY_CLI[version], "info", SENTRY_AUTH_TOKEN=wrong)
        assert refused.returncode != 0
        upload = ("sourcemaps", "upload", "dist")
        refused = shop.run(SENTRY_CLI[version], *upload, SENTRY_AUTH_TOKEN=wrong)
        assert refused.returncode != 0
        assert "needs an API token of scope upload" in refused.stderr


@BOTH
def test_a_release_is_made_finished_listed_archived_and_deleted(shop, version):
    name = f"2.0.{version}"
    shop.sentry_cli("releases", "new", name, version=version)
    assert name in shop.sentry_cli("releases", "list", version=version)
    shop.sentry_cli("releases", "finalize", name, version=version)
    assert name in shop.sentry_cli("releases", "info", name, version=version)
    shop.sentry_cli("deploys", "new", "--release", name, "--env", "production", version=version)
    shop.sentry_cli("releases", "archive", name, version=version)
    shop.sentry_cli("releases", "restore", name, version=version)
    shop.sentry_cli("releases", "delete", name, version=version)
    assert name not in shop.sentry_cli("releases", "list", version=version)


@BOTH
def test_commits_are_taken_and_nothing_of_them_is_kept(shop, version):
    git = ("git", "-c", "user.name=Jane Doe", "-c", "user.email=jane@example.org")
    shop.made("git", "init", "-q")
    shop.made(*git, "commit", "-q", "--allow-empty", "-m", "unsaid")
    words = ("releases", "set-commits", "2.1.0", "--local")
    assert "Success" in shop.sentry_cli(*words, version=version)
    assert "2.1.0" in shop.sentry_cli("releases", "list", version=version)
    kept = str([shop.receiver.everything("releases"), ask(shop.receiver.url, "/audit")])
    assert "2.1.0" in kept
    assert [text for text in ("Jane", "jane@", "unsaid") if text in kept] == []


@BOTH
def test_source_maps_are_sent_once(shop, version):
    words = ("sourcemaps", "upload", "--release", f"1.2.{version}", "--dist", "win", "dist")
    assert "Uploaded files" in shop.sentry_cli(*words, version=version)
    assert "Nothing to upload" in shop.sentry_cli(*words, version=version)
    release = {"release": f"1.2.{version}", "dist": "win"}
    own = [row for row in stored(shop) if release in row["releases"]]
    assert sorted(row["kind"] for row in own) == ["script", "source_map"]
    assert {row["debug_id"] for row in own} == {shop.debug_id}


@BOTH
def test_symbols_of_a_c_program_are_sent_once(shop, version):
    program = shop.folder / f"die{version}"
    source = FOLDER / "programs" / "die.c"
    build = ["-g", "-O1", f"-Wl,--build-id=0x{str(version) * 40}", "-o", program, source]
    subprocess.run([require("cc"), *build], check=True)
    said = shop.sentry_cli("debug-files", "upload", "--wait", program.name, version=version)
    [debug_id] = re.findall(r"OK ([0-9a-f-]{36})", said)
    assert debug_id in {row["debug_id"] for row in stored(shop) if row["kind"] == "symcache"}
    again = shop.sentry_cli("debug-files", "upload", program.name, version=version)
    assert "Nothing to upload" in again


def test_a_project_that_is_not_the_tokens_is_refused(shop, start_receiver):
    other = start_receiver()
    for command in (("releases", "new", "9.9.9"), ("sourcemaps", "upload", "dist")):
        refused = shop.run(SENTRY_CLI[3], *command, SENTRY_PROJECT=other.slug)
        assert refused.returncode != 0
        assert "slug of an app" in refused.stderr


def test_a_bundle_that_is_none_is_refused_with_a_sentence(shop):
    """sentry-cli prints `detail`; it would not send such a bundle itself."""
    data = b"SYSB\x02\0\0\0PK\x03\x04 and no more"
    checksum = sha1(data).hexdigest()
    url = f"{shop.receiver.url}/api/0/organizations/any"
    form = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{checksum}"\r\n\r\n'
    body = form.encode() + data + b"\r\n--x--\r\n"
    post(shop, f"{url}/chunk-upload/", body, "multipart/form-data; boundary=x")
    question = {"checksum": checksum, "chunks": [checksum], "projects": [shop.receiver.slug]}
    answer = post(shop, f"{url}/artifactbundle/assemble/", json.dumps(question).encode())
    assert answer["state"] == "error"
    assert answer["detail"].endswith("it is no whole ZIP.")


def post(shop: Shop, url: str, body: bytes, kind: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {shop.token}", "Content-Type": kind}
    with urlopen(Request(url, body, headers), timeout=SECONDS) as answer:
        return json.load(answer)
