"""What can be read and asked for: routes only, no SQL in them.

BLUEPRINTS is the list of rooms; web/access.py lists the few routes that are open.
"""

from stories.views import (
    accounts,
    apps,
    audit_log,
    bot,
    dashboard,
    dashboard_data,
    dashboard_rows,
    exports,
    funnels,
    generations,
    images,
    login,
    operation,
    pages,
    people,
    prometheus,
    rows,
    stats,
    tokens,
    website,
)

BLUEPRINTS = (
    pages.blueprint,
    rows.blueprint,
    stats.blueprint,
    apps.blueprint,
    people.blueprint,
    operation.blueprint,
    website.blueprint,
    exports.blueprint,
    funnels.blueprint,
    generations.blueprint,
    bot.blueprint,
    images.blueprint,
    prometheus.blueprint,
    dashboard.blueprint,
    dashboard_data.blueprint,
    dashboard_rows.blueprint,
    login.blueprint,
    accounts.blueprint,
    tokens.blueprint,
    audit_log.blueprint,
)
