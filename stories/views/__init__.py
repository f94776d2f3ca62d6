"""What can be read and asked for: routes only, no SQL in them.

BLUEPRINTS is the list of rooms; web/access.py lists the few routes that are open.
"""

from stories.views import (
    admin,
    apps,
    bot,
    dashboard,
    dashboard_data,
    dashboard_rows,
    exports,
    funnels,
    generations,
    images,
    metrics,
    pages,
    rows,
    stats,
    website,
)

BLUEPRINTS = (
    pages.blueprint,
    rows.blueprint,
    stats.blueprint,
    admin.blueprint,
    apps.blueprint,
    website.blueprint,
    exports.blueprint,
    funnels.blueprint,
    generations.blueprint,
    bot.blueprint,
    images.blueprint,
    metrics.blueprint,
    dashboard.blueprint,
    dashboard_data.blueprint,
    dashboard_rows.blueprint,
)
