"""Programs that Vite, webpack and esbuild made, with the plugins of Sentry, with sentry-cli and with
curl: a crash shows the function, the file and the line of their maker."""

from __future__ import annotations

import pytest

from tests.sdks.sdks import until
from tests.sdks.shop import FILE, FUNCTION, LINE, MODULES, TITLE, Shop, is_named, place

WEBPACK = (
    "require('webpack')(require('./webpack.config.cjs'),"
    " (error, made) => process.exit(error || made.hasErrors() ? 1 : 0))"
)
BUILDS = {
    "vite": (MODULES / ".bin" / "vite", "build"),
    "webpack": ("node", "-e", WEBPACK),
    "esbuild": ("node", "esbuild.mjs"),
}


@pytest.fixture
def shop(tmp_path, start_receiver, proxy) -> Shop:
    return Shop(tmp_path, start_receiver(), proxy)


def check(shop: Shop) -> None:
    """That the only issue has the names of the source."""
    issue = shop.issue(is_named)
    assert issue["title"] == TITLE
    frame = shop.frames(issue)[0]
    assert place(frame) == (FUNCTION, FILE, LINE)
    assert frame["in_app"] is True
    assert frame["why"] is None
    assert frame["raw"]["file"].endswith(".js")
    assert "part.text.toUpperCase()" in "\n".join(frame["context"])


@pytest.mark.parametrize(
    ("bundler", "where", "sdk"),
    [("vite", "page", "ours"), ("webpack", "node", "ours"), ("esbuild", "node", "sentry")],
)
def test_a_bundler_with_the_plugin_of_sentry(shop, bundler, where, sdk, browser, origin):
    shop.made(*BUILDS[bundler])
    assert list(shop.folder.glob("dist/**/*.map")) == []  # they need not go to anybody else
    if where == "page":
        shop.crash_in_page(sdk, browser, origin)
    else:
        shop.crash_in_node(sdk)
    check(shop)


@pytest.mark.parametrize("version", [2, 3])
def test_an_issue_gets_its_names_when_the_map_comes_after_the_crash(shop, browser, origin, version):
    shop.bundle()
    shop.sentry_cli("sourcemaps", "inject", "dist", version=version)
    shop.crash_in_page("sentry", browser, origin)
    raw = shop.issue()
    assert not is_named(raw)
    assert shop.debug_id in shop.frames(raw)[0]["why"]
    shop.sentry_cli("sourcemaps", "upload", "dist", version=version)
    check(shop)
    assert shop.issue()["id"] == raw["id"]


def test_a_script_without_a_debug_id_is_found_by_its_release_and_its_address(shop, browser, origin):
    shop.bundle()
    url = "~/assets/app.js"
    parts = {"file": "@dist/app.js", "map": "@dist/app.js.map", "url": url}
    answer = shop.upload(release=shop.release, **parts)
    assert {entry["kind"]: entry["url"] for entry in answer["stored"]} == {
        "script": url,
        "source_map": f"{url}.map",
    }
    shop.crash_in_page("ours", browser, origin)
    check(shop)


def test_the_answer_to_an_upload_tells_how_many_crashes_it_names(shop):
    shop.bundle()
    shop.crash_in_node("ours")
    raw = shop.issue()
    answer = shop.upload(release=shop.release, file="@dist/app.js", map="@dist/app.js.map")
    assert answer["crashes_queued"] == 1
    check(shop)
    assert shop.issue()["id"] == raw["id"]


def test_a_map_of_another_build_is_not_believed(shop):
    shop.bundle()
    short, other = shop.folder / "short.js", shop.folder / "other.js.map"
    short.write_text("let a=1;\n")
    other.write_text((shop.folder / "dist" / "app.js.map").read_text())
    shop.upload(release=shop.release, file="@short.js;filename=app.js", map="@other.js.map")
    shop.crash_in_node("ours")
    issue = shop.issue()
    assert not is_named(issue)
    until(lambda: "another build" in shop.frames(issue)[0]["why"], what="the reason")
    assert shop.frames(issue)[0]["raw"] is None


def test_a_folder_in_a_zip_is_sent_at_once_by_curl(shop):
    shop.bundle()
    shop.crash_in_node("ours")
    shop.made("python3", "-m", "zipfile", "-c", "dist.zip", "dist")
    answer = shop.upload(release=shop.release, bundle="@dist.zip")
    assert answer["crashes_queued"] == 1
    check(shop)
