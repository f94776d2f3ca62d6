"""What can be read and asked for: routes only, no SQL in them.

BLUEPRINTS is the list of rooms; web/access.py lists the few routes that are open.
"""

from views import admin, pages, rows, stats

BLUEPRINTS = (pages.blueprint, rows.blueprint, stats.blueprint, admin.blueprint)
