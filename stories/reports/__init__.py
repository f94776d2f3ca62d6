"""Reports: the numbers of METRICS.md, read from the rollups alone; besides funnels and exports.

    question = Question(1, "UTC", today=date(2026, 11, 21), sections=CORE, period="30d")
    Answers(database).to(question)  # -> {"period": "30d", …, "summary": {…}, …}

question.py   what a request of /stats asks, and the spans of days it is about
registry.py   REPORTS: one entry per number of METRICS.md
queries.py    the statements: which file for which question, with which parameters
data.py       the rows they gave, looked up by kind of people and span
summary.py    the numbers of summary and daily_stats
families.py   those of growth, usage, adoption, quality, stability and costs
rounding.py   exact arithmetic, halves rounded away from zero at the very end
histogram.py  percentiles
answers.py    one read-only snapshot per answer; answers kept until the next fold

dashboard.py  what the dashboard shows beside them, and what they were a period earlier
website.py, generations.py, bot.py: what those kinds of apps answer in their own shapes, with counts.py
people.py     tables of users
hours.py      a day by hours, from the events themselves
steps.py      which events a question is about: a name, or a path, with conditions
funnels.py    funnels over any steps, from the events themselves, with chains.py
retention.py  who came back; experiments.py: variants compared, with proportions.py
export.py     events, crashes, daily counts and issues as JSON, NDJSON or CSV
periods.py    days of an app as moments

A new number is an SQL file (or a query that is there), an entry in REPORTS, a test. None of these
know Flask; only hours, funnels, retention, experiments and exports read events and crashes.
"""

from stories.reports.answers import Answers
from stories.reports.question import COMPARISONS, FILTERS, GROUPINGS, PERIODS, Question
from stories.reports.registry import CORE, FAMILIES, REPORTS

__all__ = [
    "COMPARISONS",
    "CORE",
    "FAMILIES",
    "FILTERS",
    "GROUPINGS",
    "PERIODS",
    "REPORTS",
    "Answers",
    "Question",
]
