"""What docs/ALERTS.md says a receiver of webhooks should run, run."""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import Any

import pytest

from stories.alerts.webhook import signature
from stories.config import ROOT
from tests.support import require

SECRET, BODY = "s3cret", '{"title": "W\u00f6rld"}'.encode()
TEXT = (ROOT / "docs" / "ALERTS.md").read_text(encoding="utf-8")


def example(language):
    [code] = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return code


def in_python(header, body, secret):
    names: dict[str, Any] = {}
    exec(example("python"), names)
    return names["is_ours"](header, body, secret)


def in_node(header, body, secret):
    asked = (
        f"isOurs({json.dumps(header)}, Buffer.from('{body.hex()}', 'hex'), {json.dumps(secret)})"
    )
    code = f"{example('js')}\nconsole.log({asked});"
    done = subprocess.run(
        [require("node"), "-e", code], capture_output=True, text=True, timeout=60, check=True
    )
    return {"true": True, "false": False}[done.stdout.strip()]


@pytest.mark.parametrize("is_ours", [in_python, in_node])
def test_the_example_tells_ours_from_forged_and_from_old(is_ours):
    now = int(time.time())
    good = signature(SECRET, now, BODY)
    assert is_ours(good, BODY, SECRET)
    assert not is_ours(good, BODY + b" ", SECRET)
    assert not is_ours(good, BODY, "another")
    assert not is_ours(good.replace(f"t={now}", f"t={now - 1}"), BODY, SECRET)
    assert not is_ours(signature(SECRET, now - 400, BODY), BODY, SECRET)
