"""python -m tools.demo.screenshots [FOLDER]: docs/screenshots anew, from a running `make demo`.

Needs what the tests need (playwright, Debian's chromium). PORT is taken as `make demo` takes it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

from stories.config import ROOT, load
from tools.demo.__main__ import LOGIN, ask

LIGHT = {
    "overview": "?app=desktop",
    "growth": "/growth?app=desktop&period=90d&group_by=week",
    "usage": "/usage?app=desktop",
    "adoption": "/adoption?app=desktop",
    "quality": "/quality?app=desktop",
    "stability": "/stability?app=desktop&period=90d&group_by=week",
    "costs": "/costs?app=desktop",
    "issues": "/issues?app=desktop&period=90d",
    "crashes": "/crashes?app=desktop",
    "releases": "/releases?app=desktop&period=90d",
    "release": "/release?app=desktop&version=1.2.0",
    "funnels": "/funnels?app=desktop&step=app_opened&step=recording_started%3Bprop.source:is:widget"
    "&step=recording_completed&step=transcription_completed&within=7&by=version",
    "retention": "/retention?app=desktop&period=90d",
    "experiments": "/experiments?app=desktop&period=90d&experiment=recording_started&property=source"
    "&goal=recording_completed%3Bprop.success:is:true&split=59,17,24",
    "events": "/events?app=desktop&search=widget",
    "users": "/users?app=desktop&sort.list=-recordings",
    "website": "?app=website",
    "generations": "?app=generator",
    "bot": "?app=bot",
    "settings": "/settings?app=desktop",
    "symbols": "/symbols?app=desktop",
}
DARK = {
    "overview-dark": LIGHT["overview"],
    "website-dark": LIGHT["website"],
    "issues-dark": LIGHT["issues"],
}
PHONE = {
    "overview-phone": LIGHT["overview"],
    "users-phone": LIGHT["users"],
    "issues-phone": LIGHT["issues"],
}
WIDTH, PHONE_WIDTH, HEIGHT, MOST_HEIGHT = 1280, 390, 860, 2400
# Of what goes on for long the beginning.
LISTS = (
    "crash",
    "issue",
    "real-names",
    "events",
    "funnels",
    "person",
    "users",
    "users-phone",
    "bot-timeline",
)
LIST_HEIGHT = 1400


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    url = f"http://127.0.0.1:{load(dict(os.environ)).port}"
    light = LIGHT | _details(url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        _shoot(browser, url, folder, light, "light", WIDTH)
        _shoot(browser, url, folder, DARK, "dark", WIDTH)
        _shoot(browser, url, folder, PHONE, "light", PHONE_WIDTH)
        browser.close()
    return 0


def _details(url: str) -> dict[str, str]:
    """An issue with lines of source, one whose stack a source map named, a crash with events before it,
    its person, and the bot's conversation with the latest picture."""
    issue = ask(url, "/issues?app=desktop&q=segments.at")["issues"][0]
    named = ask(url, "/issues?app=desktop&q=palette.ts")["issues"][0]
    crash = ask(url, "/crashes?app=desktop&limit=1")["crashes"][0]
    images = ask(url, "/dashboard/api/stats?app=bot&page=bot")["page"]["images"]
    shown = next(image["client_id"] for image in images if image["state"] == "stored")
    return {
        "issue": f"/issue?app=desktop&id={issue['id']}",
        "real-names": f"/issue?app=desktop&id={named['id']}",
        "crash": f"/crash?app=desktop&id={crash['crash_id']}&user={crash['user_id']}"
        f"&at={quote(crash['timestamp'])}",
        "person": f"/person?app=desktop&id={crash['user_id']}",
        "bot-timeline": f"/person?app=bot&id={quote(shown)}",
    }


def _shoot(
    browser: Browser, url: str, folder: Path, pages: dict[str, str], theme: str, width: int
) -> None:
    name, password = LOGIN.split(":")
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,  # type: ignore[arg-type]
        http_credentials={"username": name, "password": password},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.on("pageerror", lambda error: print(f"{page.url}: {error}"))
    page.on("console", lambda message: print(f"{page.url}: {message.text}"))
    for title, address in pages.items():
        page.goto(f"{url}/dashboard{address}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_load_state("networkidle")
        page.set_viewport_size({"width": width, "height": MOST_HEIGHT})  # loads lazy pictures
        page.wait_for_load_state("networkidle")
        height = int(page.evaluate("document.body.scrollHeight"))
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.screenshot(
            path=folder / f"{title}.png",
            full_page=True,
            clip={
                "x": 0,
                "y": 0,
                "width": width,
                "height": min(height, LIST_HEIGHT if title in LISTS else MOST_HEIGHT),
            },
        )
    context.close()


if __name__ == "__main__":
    sys.exit(main())
