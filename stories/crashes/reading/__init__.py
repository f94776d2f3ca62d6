"""What the fold has made of crashes, as the API answers it.

listing.py   lists of issues: filters, orders, counts by state
page.py      one issue, with its groups, its log and who and what it hits
stored.py    the crashes of an issue that are stored
real_names.py  their stacks as frames, with the names of symbols, or why there are none
releases.py  versions of an app beside each other
"""
