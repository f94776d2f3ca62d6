"""A crash of our Python client, with its frames, is grouped as the text of its traceback is: a newer
client continues the issues of an older one."""

from __future__ import annotations

import importlib.util
import traceback
from typing import Any

import pytest

from stories.config import ROOT
from stories.crashes.frames import read_frames
from stories.crashes.grouping import group

CLIENT = ROOT / "clients" / "python" / "stories_analytics" / "_frames.py"
CAUSE = """
def f():
    try:
        [][1]
    except IndexError as e:
        raise ValueError('x') from e
f()
"""
CONTEXT = CAUSE.replace("raise ValueError('x') from e", "open('/no/such')")
PROGRAMS = {
    "one function": "def pay(n):\n    return 1 / n\npay(0)",
    "a method": "class Cart:\n    def add(self):\n        return {}['no']\nCart().add()",
    "in a library": "import json\ndef load():\n    json.loads('{')\nload()",
    "at the top": "raise RuntimeError('no function')",
    "a cause": CAUSE,
    "a context": CONTEXT,
    "recursion": "def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nf(1)",
    "a syntax error": "def f():\n    compile('a b', '/srv/app/t.py', 'exec')\nf()",
    "a class of its own": "class Missing(Exception):\n    pass\ndef f():\n    raise Missing()\nf()",
    "a group": "def f():\n    raise ExceptionGroup('many', [KeyError(1), ValueError('x')])\nf()",
}
LINES = "def f():\n    raise ValueError('a\\n  File \"x.py\", line 3, in g\\nKeyError: 2')\nf()"


@pytest.fixture(scope="module")
def chain_of() -> Any:
    spec = importlib.util.spec_from_file_location("client_frames", CLIENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.chain_of


def thrown_by(program: str) -> BaseException:
    try:
        exec(compile(program, "/srv/shop/cart.py", "exec"), {"__name__": "shop.cart"})
    except BaseException as error:
        # Without the call above.
        return error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
    raise AssertionError("it raised nothing")


def groupings(chain_of, program):
    """By the frames, and by the text alone."""
    error = thrown_by(program)
    message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    stack = "".join(traceback.format_exception(error))
    links = read_frames(chain_of(error))
    return [group("uncaught_error", message, stack, chain=chain) for chain in (links, None)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_frames_and_text_give_one_group(chain_of, name):
    with_frames, with_text = groupings(chain_of, PROGRAMS[name])
    assert with_frames.why == with_text.why
    assert with_frames.fingerprint == with_text.fingerprint
    assert (with_frames.title, with_frames.culprit) == (with_text.title, with_text.culprit)


def test_a_message_that_looks_like_calls_is_none_with_frames(chain_of):
    with_frames, with_text = groupings(chain_of, LINES)
    assert with_text.culprit == "x.py:g"
    assert with_frames.culprit == "shop/cart.py:f"
