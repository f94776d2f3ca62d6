"""One target under atheris: `python -m tools.fuzz.guided TARGET CORPUS -runs=N`, by itself because
libFuzzer ends the one that it runs in. What it keeps as interesting goes to the folder CORPUS."""

from __future__ import annotations

import os
import sys
from random import Random

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

OURS = [
    *(
        "web",
        "intake",
        "payloads",
        "views",
        "reports",
        "models",
        "documents",
        "scrub",
        "scrub_rules",
    ),
    *("crashes", "symbols", "browsers", "catalogue", "apps", "append", "errors"),
]

with atheris.instrument_imports(include=OURS):
    from app import create_app
    from stories.config import Config
    from tools.fuzz import decoders, readback, seeds, uploads, wire
    from tools.fuzz.mutate import mutate

# Every so many requests all that is stored is read again: it takes as long as a hundred of them.
READ_EVERY = 5_000


def main() -> None:
    name, corpus, *options = sys.argv[1:]
    target, good = _requests() if name == "requests" else decoders.TARGETS[name]
    for number, data in enumerate(good):
        with open(os.path.join(corpus, f"seed-{number}"), "wb") as file:
            file.write(data)

    def run_input(data: bytes) -> None:
        with wire.watchdog():
            target(data)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return mutate(data, random, random.choice(good))[:most]

    # No timer of libFuzzer's: the watchdog has the same signal.
    settings = [
        sys.argv[0],
        corpus,
        "-timeout=0",
        "-max_len=65536",
        "-len_control=0",
        "-print_final_stats=1",
    ]
    atheris.Setup([*settings, *options], run_input, custom_mutator=mutated)
    atheris.Fuzz()


def _requests() -> tuple[decoders.Target, list[bytes]]:
    app = create_app(Config(ratelimit_enabled=False, run_jobs=False), os.environ["FUZZ_DSN"])
    seeds.prepare(app.extensions["stories"].database)
    count = 0

    def run_input(data: bytes) -> None:
        nonlocal count
        count += 1
        with uploads.taken_in_at_once():
            wire.play(app, data)
        if count % READ_EVERY == 0:
            readback.everything(app)

    return run_input, seeds.requests()


if __name__ == "__main__":
    main()
