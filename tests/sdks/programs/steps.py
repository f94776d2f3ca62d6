"""What a test tells a program to do: a verb and a text on each line of its standard input; "ok" is the
answer to each when it is done."""

from __future__ import annotations

import sys
from collections.abc import Callable


def follow(verbs: dict[str, Callable[[str], object]]) -> None:
    print("ok", flush=True)
    for line in sys.stdin:
        verb, _, text = line.strip().partition(" ")
        verbs[verb](text)
        print("ok", flush=True)
