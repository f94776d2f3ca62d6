"""What `python aggregator.py JOB` and `flask --app app JOB` take behind a job's name."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn

from models import calendar_day

TAKE_DAYS = frozenset({"rebuild", "check", "decompress"})
DAYS = (("--from", "since"), ("--to", "until"))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, as of every other error, without argparse's reminder of all options."""
        self.exit(2, f"error: {message}\n")


def parse(jobs: Iterable[tuple[str, str]], arguments: list[str] | None) -> dict[str, Any]:
    """{"job", and what its function takes}. jobs: names and their help; arguments: None for the
    command line's. Ends the process after a sentence where they are wrong, and after --help."""
    parser = _Parser(prog="aggregator.py", description="Jobs of Stories Analytics.")
    commands = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    for name, text in jobs:
        command = commands.add_parser(name, help=text)
        if name in TAKE_DAYS:
            for option, place in DAYS:
                command.add_argument(option, dest=place, metavar="DAY")
        if name == "rebuild":
            command.add_argument(
                "--people", action="store_true", help="also what depends on people's whole history"
            )
            command.add_argument(
                "--fresh-values",
                action="store_true",
                help="with --people: decide anew which versions, platforms, countries and labels "
                "count by their own name",
            )
    options = vars(parser.parse_args(arguments))
    for option, place in DAYS:
        if options.get(place) is not None:
            try:
                options[place] = calendar_day(options[place])
            except ValueError:
                parser.error(f"{option} must be a date such as 2026-11-21")
    since, until = options.get("since"), options.get("until")
    if since and until and until < since:
        parser.error("--to must not be before --from")
    if options.get("people") and (since or until):
        parser.error("--people recounts whole histories: leave --from and --to out")
    if options.get("fresh_values") and not options["people"]:
        parser.error("--fresh-values decides for whole histories: add --people")
    return options
