"""User agents as families, and who is a crawler."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stories.config import ROOT
from stories.payloads.browsers import MOST, Browser, describe
from tools.traffic import BOT_USER_AGENTS, BROWSER_USER_AGENTS


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, Browser("Chrome", "Windows", "desktop", is_bot=False)),
        (2, Browser("Safari", "Mac OS X", "desktop", is_bot=False)),
        (3, Browser("Mobile Safari", "iOS", "phone", is_bot=False)),
        (4, Browser("Chrome Mobile", "Android", "phone", is_bot=False)),
        (5, Browser("Firefox", "Linux", "desktop", is_bot=False)),
        (6, Browser("Edge", "Windows", "desktop", is_bot=False)),
        (7, Browser("Mobile Safari", "iOS", "tablet", is_bot=False)),
    ],
)
def test_browsers_of_today_are_told_apart(number, expected):
    assert describe(BROWSER_USER_AGENTS[number]) == expected


@pytest.mark.parametrize("agent", BOT_USER_AGENTS)
def test_crawlers_are_known(agent):
    assert describe(agent).is_bot


def test_who_tries_the_endpoint_with_curl_is_no_crawler():
    assert not describe("curl/8.7.1").is_bot
    assert describe("Mozilla/5.0 (compatible; Googlebot/2.1; curl/8.7.1)").is_bot


@pytest.mark.parametrize("agent", ["", "x", "\x00", "ü" * 5000, "(" * 100_000, "Mozilla/5.0"])
def test_odd_headers_are_nobody_in_particular(agent):
    found = describe(agent)
    assert not found.is_bot
    assert found.device is None


def test_only_the_beginning_is_looked_at():
    assert not describe(" " * MOST + "Googlebot/2.1").is_bot


def test_the_lists_are_not_loaded_before_a_website_needs_them():
    code = (
        "import sys; sys.modules['pytest'] = sys; import app; "
        "print(sorted(name for name in sys.modules if name in ('ua_parser', 'crawleruseragents')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stderr
