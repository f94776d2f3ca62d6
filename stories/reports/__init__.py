"""Questions and their answers: METRICS.md's numbers, read from the rollups alone.

    question = Question(1, "UTC", today=date(2026, 11, 21), sections=CORE, period="30d")
    Answers(database).to(question)  # -> {"period": "30d", …, "summary": {…}, …}

question.py   what is asked, and the spans of days it is about
queries.py    the statements: which file, under which circumstances, with which parameters
found.py      what they found, looked up by kind and span
registry.py   REPORTS: one entry per number of METRICS.md
rounding.py   exact arithmetic, rounded half up at the very end
answers.py    one read-only snapshot per answer; answers kept until the next fold

metrics.py    the numbers of summary and daily_stats
families.py   those of growth, usage, adoption, quality, stability and costs
dashboard.py  what the dashboard shows beside them, and what they were a period earlier

A new number is an SQL file (or a query that is there), an entry in REPORTS, a test. None of these
know Flask or read events, crashes or the outbox.
"""

from stories.reports.answers import Answers
from stories.reports.question import FILTERS, GROUPINGS, PERIODS, Question
from stories.reports.registry import CORE, FAMILIES, REPORTS

__all__ = ["CORE", "FAMILIES", "FILTERS", "GROUPINGS", "PERIODS", "REPORTS", "Answers", "Question"]
