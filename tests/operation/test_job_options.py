"""What stands behind a job's name on the command line: a wrong option is one sentence."""

from __future__ import annotations

from functools import partial

import pytest

import aggregator
from stories.operation.job_options import TAKE_DAYS

JOBS = [job.name for job in aggregator.JOBS]
DAYS = sorted(TAKE_DAYS)
WRONG = ["nonsense", "2026-02-30", "20261121", "2026-W48-1", "0001-01-01", ""]


@pytest.fixture(params=["python aggregator.py", "flask --app app"])
def refusal(request, app, capsys):
    """What a job says to wrong options, and has not begun."""

    def start(job, *words):
        if request.param == "python aggregator.py":
            begin = partial(aggregator.main, [job, *words])
        else:
            begin = partial(app.cli.commands[job].main, list(words))
        with pytest.raises(SystemExit) as stopped:
            begin()
        out, err = capsys.readouterr()
        assert (stopped.value.code, out) == (2, "")
        return err

    return start


def test_there_are_jobs_that_take_days():
    assert set(DAYS) < set(JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_a_day_that_is_none_is_refused_by_every_job_in_one_sentence(refusal, job):
    for option in ("--from", "--to"):
        for text in WRONG:
            told = refusal(job, option, text)
            if job in DAYS:
                assert told == f"error: {option} must be a date such as 2026-11-21\n"
            else:
                assert told == f"error: unrecognized arguments: {option} {text}\n"


@pytest.mark.parametrize("job", DAYS)
def test_days_in_the_wrong_order_are_refused(refusal, job):
    told = refusal(job, "--from", "2026-11-21", "--to", "2026-11-20")
    assert told == "error: --to must not be before --from\n"


def test_options_that_exclude_each_other_are_refused(refusal):
    told = refusal("rebuild", "--people", "--to", "2026-11-20")
    assert told == "error: --people recounts whole histories: leave --from and --to out\n"
    told = refusal("rebuild", "--fresh-values")
    assert told == "error: --fresh-values decides for whole histories: add --people\n"
