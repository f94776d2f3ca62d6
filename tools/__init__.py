"""What exercises the product and is never part of it.

server       the app under gunicorn, which all of these and the tests start
traffic      believable made-up traffic, as payloads and as requests
demo         `make demo`: a dashboard full of it
benchmarks   `make bench`: figures, beside the limits of the machine
drills       `make drill`: faults under load, and a count afterwards
fuzz         `make fuzz`: hostile input
dates        `make test-dates`: the tests that know days, at twelve dates
faked_clock  libfaketime, for dates and the clock drill
"""
