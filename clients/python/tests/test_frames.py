"""The frames of a crash report: which calls, whose, with which lines of source."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from standin import MakeClient, StandIn

from stories_analytics import _frames


def chain_of(code: str, file: str = "/srv/shop/cart.py") -> list[dict[str, Any]]:
    try:
        exec(compile(code, file, "exec"), {"__name__": "shop.cart", "json": json})
    except BaseException as error:
        chain = _frames.chain_of(error)
        assert chain is not None
        for link in chain:  # this function's own
            link["frames"] = [frame for frame in link["frames"] if frame["file"] != __file__]
        return chain
    raise AssertionError("it raised nothing")


def test_the_newest_call_comes_first_and_pythons_own_are_marked() -> None:
    (link,) = chain_of("def load():\n    json.loads('{')\n\nload()")
    assert link["type"] == "json.decoder.JSONDecodeError"
    own = [(f["function"], f["line"]) for f in link["frames"] if f["in_app"]]
    assert own == [("load", 2), ("<module>", 4)]
    assert link["frames"][0]["function"] == "raw_decode"
    assert link["frames"][0]["in_app"] is False


@pytest.mark.parametrize(
    ("file", "own"),
    [
        (sysconfig.get_paths()["stdlib"] + "/json/decoder.py", False),
        ("/srv/app/.venv/lib/python3.12/site-packages/flask/app.py", False),
        ("C:\\app\\Lib\\site-packages\\flask\\app.py", False),
        ("/usr/lib/python3/dist-packages/apt.py", False),
        ("<frozen importlib._bootstrap>", False),
        ("/srv/shop/cart.py", True),
        ("<string>", True),
    ],
)
def test_whose_a_file_is(file: str, own: bool) -> None:
    assert _frames.is_own(file) is own


def test_causes_and_members_of_a_group_follow_what_was_thrown() -> None:
    chain = chain_of(
        "try:\n    [][1]\nexcept IndexError as e:\n    raise ValueError('outer') from e"
    )
    assert [(link["type"], link["message"]) for link in chain] == [
        ("ValueError", "outer"),
        ("IndexError", "list index out of range"),
    ]
    hidden = chain_of("try:\n    [][1]\nexcept IndexError:\n    raise ValueError('x') from None")
    assert len(hidden) == 1
    if sys.version_info >= (3, 11):
        group = chain_of("raise ExceptionGroup('many', [KeyError(n) for n in range(9)])")
        assert [link["type"] for link in group] == ["ExceptionGroup", *["KeyError"] * 3]


def test_lines_of_source_stand_around_the_newest_calls(tmp_path: Path) -> None:
    file = tmp_path / "shop.py"
    file.write_text("# 1\n# 2\n# 3\n# 4\ndef pay(n):\n    return 1 / n  # 6\n\n\npay(0)\n")
    (link,) = chain_of(file.read_text(), str(file))
    newest, caller = link["frames"]
    assert (newest["context_start"], newest["line"]) == (3, 6)
    assert newest["context"][3] == "    return 1 / n  # 6"
    assert newest["context"] == [
        "# 3",
        "# 4",
        "def pay(n):",
        "    return 1 / n  # 6",
        "",
        "",
        "pay(0)",
    ]
    assert caller["context"][-1] == "pay(0)"


def test_deep_recursion_long_texts_and_cycles_have_bounds(tmp_path: Path) -> None:
    file = tmp_path / "deep.py"
    file.write_text(f"def f(): f()  # {'x' * 900}\nf()")
    (link,) = chain_of(file.read_text(), str(file))
    assert len(link["frames"]) == 100
    assert sum("context" in frame for frame in link["frames"]) == 10
    assert {len(text) for frame in link["frames"][:9] for text in frame["context"]} == {200, 3}
    assert len(json.dumps(link)) < 30_000
    cycle = chain_of(
        "a, b = ValueError('a' * 5000), KeyError('b')\na.__cause__, b.__cause__ = b, a\nraise a"
    )
    assert [link["type"] for link in cycle] == ["ValueError", "KeyError"]
    assert len(cycle[0]["message"]) == 1000


def test_an_exception_that_cannot_be_read_is_reported_without_frames(
    server: StandIn, make_client: MakeClient
) -> None:
    class Hostile(Exception):
        def __getattribute__(self, name: str) -> Any:
            if name in ("__traceback__", "__cause__"):
                raise RuntimeError("never")
            return super().__getattribute__(name)

    client = make_client()
    assert client.report_crash(ValueError("plain"))
    assert _frames.chain_of(Hostile("hostile")) is None
    assert client.flush(5)
    (crash,) = server.items("crash")
    assert crash["frames"] == [{"type": "ValueError", "message": "plain", "frames": []}]


def test_what_is_sent_holds_nothing_of_a_person(server: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "jane"
    folder.mkdir(parents=True)
    script = folder / "main.py"
    script.write_text(
        f"""
from stories_analytics import Client
client = Client({server.url!r}, queue_path={str(tmp_path / "queue")!r}, app_version="3.1")
client.install_excepthook()
def call():
    secret = "ghp_0123456789abcdefABCDEF0123456789abcd"  # jane@example.com
    raise ValueError("of jane@example.com")
call()
"""
    )
    subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        env={"PYTHONPATH": str(Path(_frames.__file__).parents[1]), "HOME": str(folder)},
        timeout=30,
        check=False,
    )
    (crash,) = server.items("crash")
    text = json.dumps(crash["frames"])
    assert '"raise ValueError(\\"of [email]\\")"' in text.replace("    ", "")
    assert "jane" not in text
    assert "ghp_" not in text
    assert crash["frames"][0]["frames"][0]["file"].endswith("main.py")
