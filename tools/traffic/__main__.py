"""python -m tools.traffic: make traffic and post it to a running server.

python -m tools.traffic --url http://localhost:5000 --events 100000
python -m tools.traffic --kinds desktop,website,generator,bot --days 90 --login admin:admin
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from tools.traffic.desktop import desktop_events
from tools.traffic.parameters import Parameters
from tools.traffic.requests import requests, track_requests
from tools.traffic.sending import Request, Totals, basic, batches, send
from tools.traffic.trouble import Trouble, troubled

KINDS = ("desktop", "crashes", "website", "generator", "bot")


def _requests(kind: str, parameters: Parameters, options: argparse.Namespace) -> Iterator[Request]:
    if kind != "desktop":
        return requests(kind, parameters, options.batch)
    events = islice(desktop_events(parameters), options.events)
    if options.trouble:
        groups = troubled(events, Trouble(seed=parameters.seed, batch=options.batch))
    else:
        groups = batches(events, options.batch)
    return track_requests(groups)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kinds(text: str) -> list[str]:
    kinds = text.split(",")
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown kind {unknown[0]!r}; known: {', '.join(KINDS)}")
    return kinds


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.traffic", description="Post made-up traffic."
    )
    add = parser.add_argument
    add("--url", default="http://localhost:5000", help="server to post to (%(default)s)")
    add(
        "--kinds",
        type=_kinds,
        default=["desktop", "crashes"],
        help=f"comma-separated, of {', '.join(KINDS)} (desktop,crashes)",
    )
    add("--events", type=int, default=100_000, help="desktop events, at most (%(default)s)")
    add("--people", type=int, help="people, website sessions (default: events / 50)")
    add("--days", type=int, default=90, help="how far back it begins (%(default)s)")
    add("--seed", type=int, default=1, help="equal seeds make equal traffic (%(default)s)")
    add("--now", type=_moment, help="ISO 8601 time of the newest event (default: the clock)")
    add("--batch", type=int, default=500, help="items in a request (%(default)s)")
    add("--threads", type=int, default=4, help="connections (%(default)s)")
    add("--gzip", action="store_true", help="compress the bodies")
    add("--trouble", action="store_true", help="with retries, late arrivals and wrong types")
    add("--login", help="name:password, for generator and bot")
    add("--key", help="app key, sent as X-App-Key")
    return parser.parse_args(arguments)  # fmt: skip


def _progress(totals: Totals) -> None:
    if sys.stderr.isatty():
        print(
            f"\r{totals.sent:,} sent, {totals.seconds:.0f} s", end="", file=sys.stderr, flush=True
        )


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    parameters = Parameters(
        now=options.now or datetime.now(UTC),
        people=options.people or max(1, options.events // 50),
        days=options.days,
        seed=options.seed,
        events=options.events,
    )
    headers = basic(options.login) if options.login else {}
    if options.key:
        headers["X-App-Key"] = options.key
    failed = False
    for kind in options.kinds:
        try:
            totals = send(
                options.url,
                _requests(kind, parameters.for_app(_app(kind)), options),
                threads=options.threads,
                compress=options.gzip,
                headers=headers,
                progress=_progress,
            )
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        print(f"{kind}: {totals.line()}")
        failed = failed or bool(totals.refused or totals.unsent)
    return 1 if failed else 0


def _app(kind: str) -> str:
    """Crashes belong to the people of the desktop events."""
    return "desktop" if kind == "crashes" else kind


if __name__ == "__main__":
    sys.exit(main())
