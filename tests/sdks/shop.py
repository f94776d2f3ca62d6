"""A small program as its maker builds it, the tools that upload its source maps, and its crashes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stories.config import ROOT
from tests.sdks.proxy import Proxy
from tests.sdks.sdks import FOLDER, INSTALLED, Receiver, ask, bundle, until

MODULES = INSTALLED / "node_modules"
SENTRY_CLI = {
    3: MODULES / ".bin" / "sentry-cli",
    2: MODULES / "@sentry/esbuild-plugin/node_modules/@sentry/cli/bin/sentry-cli",
}
CLIENT = ROOT / "clients" / "javascript" / "dist" / "TelemetryClient.global.js"
# Where the program breaks, in its maker's own source.
FUNCTION, FILE, LINE = "renderResult", "history.js", 6
TITLE = "TypeError: Cannot read properties of undefined (reading 'toUpperCase')"


class Shop:
    """A folder with the program, whose maker has an app of the server and a token for uploads.

    users: by which its crashes are sent, a client of their own for the limit of requests. None: it
    only uploads."""

    def __init__(self, folder: Path, receiver: Receiver, users: Proxy | None = None) -> None:
        self.folder, self.receiver, self.release = folder / "shop", receiver, "1.2.3"
        self._users = users
        shutil.copytree(FOLDER / "programs" / "shop", self.folder)
        (self.folder / "node_modules").symlink_to(MODULES)
        self.token = upload_token(receiver)

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """In the folder, with what the tools want to know in the environment, as in CI."""
        return subprocess.run(
            [*command],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder.parent),
                "SENTRY_URL": f"{self.receiver.url}/",
                "SENTRY_AUTH_TOKEN": self.token,
                "SENTRY_ORG": "anything",
                "SENTRY_PROJECT": self.receiver.slug,
                "SENTRY_CLI_NO_TELEMETRY": "1",
                "RELEASE": self.release,
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
        )

    def made(self, *command: str | Path) -> str:
        """What a command said that did what it should."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    def sentry_cli(self, *words: str, version: int = 3) -> str:
        return self.made(SENTRY_CLI[version], *words)

    def bundle(self) -> None:
        """Without any plugin, into dist/app.js and its map."""
        esbuild = MODULES / ".bin" / "esbuild"
        options = ("--bundle", "--minify", "--sourcemap", "--outfile=dist/app.js")
        self.made(esbuild, "src/main.js", *options)

    @property
    def script(self) -> Path:
        [path] = self.folder.glob("dist/**/*.js")
        return path

    @property
    def debug_id(self) -> str:
        """That sentry-cli put into the script."""
        [_, debug_id] = self.script.read_text().split("//# debugId=")
        return debug_id.strip()

    def upload(self, path: str = "/artifacts", **parts: str) -> dict[str, Any]:
        """By curl, as docs/SYMBOLS.md has it; a part of "@file" is that file."""
        form = [word for name, value in parts.items() for word in ("-F", f"{name}={value}")]
        login = f"Authorization: Bearer {self.token}"
        said = self.made("curl", "-sS", "-H", login, *form, self.receiver.url + path)
        answer: dict[str, Any] = json.loads(said)
        return answer

    def crash_in_node(self, sdk: str) -> None:
        settings = json.dumps(self._settings(sdk=sdk, folder=str(self.folder)))
        program = FOLDER / "programs" / "run_shop.cjs"
        done = subprocess.run(
            ["node", program, settings],
            env={"PATH": os.environ["PATH"], "NODE_PATH": str(MODULES)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "toUpperCase" in done.stderr, done.stderr
        assert self._has_arrived(), self.users.told()

    def crash_in_page(self, sdk: str, browser: Any, origin: str) -> None:
        """The script comes from the page's own site, under /assets/."""
        deadline = time.monotonic() + 60
        context = browser.new_context()
        page = context.new_page()
        page.route("**/assets/*", lambda route: route.fulfill(path=self.script))
        page.goto(f"{origin}/page.html")
        if sdk == "ours":
            page.add_script_tag(path=CLIENT)
            start = """({ url, key, release }) => {
              window.client = new TelemetryClient({ apiUrl: url, appKey: key, appVersion: release });
              client.init();
            }"""
        else:
            page.add_script_tag(content=bundle("sentry_browser"))
            start = "settings => window.begin(settings)"
        page.evaluate(start, self._settings())
        page.add_script_tag(url=f"{origin}/assets/{self.script.name}", type="module")
        with page.expect_event("pageerror"):
            page.evaluate("void setTimeout(() => window.breakDown())")
        page.evaluate("void (window.client ? client.flush() : window.verbs.flush())")
        # The page lives until the server has it: an SDK stops to wait for a slow answer.
        while not self._has_arrived():
            assert time.monotonic() < deadline, f"no crash among {self.users.told()}"
            page.wait_for_timeout(20)
        context.close()

    def _has_arrived(self) -> bool:
        sent = self.users.sent()
        return any(each.status == 200 and "toUpperCase" in each.text for each in sent)

    @property
    def users(self) -> Proxy:
        assert self._users is not None
        return self._users

    def _settings(self, **more: str) -> dict[str, str]:
        key, host = self.receiver.key, self.users.url.removeprefix("http://")
        return {
            "url": self.users.url,
            "key": key,
            "dsn": f"http://{key}@{host}/{self.receiver.app_id}",
            "release": self.release,
            "script": str(self.script),
            **more,
        }

    def issue(self, is_it: Callable[[dict[str, Any]], Any] = bool) -> dict[str, Any]:
        """The only issue, once it is as it should be."""

        def look() -> dict[str, Any] | None:
            issues = self.receiver.issues()
            assert len(issues) <= 1, issues
            return issues[0] if issues and is_it(issues[0]) else None

        issue: dict[str, Any] = until(look, 60, "its issue")
        return issue

    def frames(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        """Of its newest crash."""
        crashes = ask(self.receiver.url, f"/issues/{issue['id']}/crashes")["crashes"]
        frames: list[dict[str, Any]] = crashes[0]["frames"]
        return frames


def upload_token(receiver: Receiver) -> str:
    body = {"name": f"of {receiver.slug}", "scopes": ["upload"], "app": receiver.slug}
    secret: str = ask(receiver.url, "/tokens", body)["secret"]
    return secret


def is_named(issue: dict[str, Any]) -> bool:
    return bool(issue["culprit"].endswith(f"{FILE}:{FUNCTION}"))


def place(frame: dict[str, Any]) -> tuple[str, str, int]:
    return frame["function"], frame["file"].rpartition("/")[2], frame["line"]
