"""What comes in, one module per source: parse, validate, one append, answer.

BLUEPRINTS is the list of sources; a new one is a payload type in models.py, a module here, a line there.
"""

from stories.intake import bot, crashes, desktop, generations, website
from stories.intake.adapters import aptabase, crashpad, posthog, segment, sentry

BLUEPRINTS = (
    desktop.blueprint,
    crashes.blueprint,
    website.blueprint,
    generations.blueprint,
    bot.blueprint,
    sentry.blueprint,
    posthog.blueprint,
    segment.blueprint,
    aptabase.blueprint,
    crashpad.blueprint,
)
