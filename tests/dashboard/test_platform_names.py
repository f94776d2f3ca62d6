"""Systems are shown by the names that people know, and are kept as they were sent."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import ask
from tests.dashboard.test_filters import altered

NAMES = {
    "darwin-24.6.0": "macOS 15.6",
    "darwin-24.0.0": "macOS 15.0",
    "darwin-25.1.0": "macOS 26.1",
    "darwin-26.0.0": "macOS 27.0",
    "darwin-23.6.0": "macOS 14.6",
    "darwin-22.6.0": "macOS 13.5",
    "darwin-21.0.0": "macOS 12.0",
    "darwin-20.6.0": "macOS 11.5",
    "darwin-19.6.0": "macOS 10.15",
    "darwin-13.4.0": "macOS 10.9",
    "darwin-9.0.0": "Darwin 9.0.0",
    "win32-10.0.22631": "Windows 11 23H2",
    "win32-10.0.26200": "Windows 11 25H2",
    "win32-10.0.30000": "Windows 11 build 30000",
    "win32-10.0.19045": "Windows 10 22H2",
    "win32-10.0.15000": "Windows 10 build 15000",
    "win32-6.1.7601": "Windows 7",
    "linux-6.8.0": "Linux 6.8.0",
    "linux": "Linux",
    "Windows": "Windows",
    "macOS": "macOS",
    "darwin-<b>": "macOS <b>",
    "toaster-1": "toaster-1",
}


@pytest.fixture
def names(view):
    view.go("/dashboard?app=desktop")
    script = "async raw => raw.map((await import('/static/dashboard/platforms.js')).platform)"
    return view.page.evaluate(script, list(NAMES))


def test_kernels_and_builds_have_the_names_that_people_know(names):
    assert dict(zip(NAMES, names, strict=True)) == NAMES


def test_the_list_of_platforms_names_them_and_keeps_what_was_sent(view, full):
    page = view.go("/dashboard?app=desktop")
    sent = ask(full, "/dashboard/api/stats?app=desktop&page=overview")["page"]["platforms"]
    mac = next(row["key"] for row in sent if row["key"].startswith("darwin-24.6"))
    row = page.locator(f"[data-card='platforms'] .bar-item[data-key='{mac}']")
    expect(row).to_contain_text("macOS 15.6")
    expect(row.locator(".clip")).to_have_attribute("title", mac)
    view.after(row.click)
    assert f"platform%3Ais%3A{mac}" in page.url
    expect(page.locator(".chip").first).to_contain_text("macOS 15.6")
    with page.expect_download() as download:
        page.click("[data-card='platforms'] [data-csv]")
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert rows[0][:2] == ["Platform", "Name"]
    assert [mac, "macOS 15.6"] in [row[:2] for row in rows]


def test_two_kernels_of_one_system_are_told_apart(view):
    def both(body: dict[str, Any]) -> None:
        body["page"]["platforms"] = [
            {"key": key, "count": 5, "percentage": 50.0}
            for key in ("darwin-19.4.0", "darwin-19.6.0")
        ]

    altered(view.page, both)
    page = view.go("/dashboard?app=desktop")
    rows = page.locator("[data-card='platforms'] .bar-item .clip")
    expect(rows).to_have_text(["macOS 10.15, darwin-19.4.0", "macOS 10.15, darwin-19.6.0"])


def test_tables_and_pages_of_crashes_show_names_with_what_was_sent_in_the_title(view, full):
    page = view.go("/dashboard/users?app=desktop")
    named = page.locator("[data-card='list'] td span[title^='darwin-24.6']").first
    expect(named).to_have_text("macOS 15.6")
    crash = next(
        row
        for row in ask(full, "/crashes?limit=1000&app=desktop")["crashes"]
        if (row["os_version"] or "").startswith("darwin-24.6")
    )
    at = crash["timestamp"].replace("+", "%2B")
    page = view.go(
        f"/dashboard/crash?app=desktop&id={crash['crash_id']}&user={crash['user_id']}&at={at}"
    )
    expect(page.locator("[data-card='what'] .facts")).to_contain_text("macOS 15.6")
    expect(page.locator(f"[data-card='what'] [title='{crash['os_version']}']")).to_have_count(1)
