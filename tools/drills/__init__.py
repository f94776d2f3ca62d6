"""The fault drills: `make drill` breaks one thing after another under load and counts afterwards.

    __main__   which drills there are, what is run, the table, the exit code
    scene      what a drill works with: folder, PostgreSQL, servers, clients; who cleans up
    postgres   a PostgreSQL that can be killed, frozen, started again
    load       clients that remember what became of each event and crash
    tally      what was sent beside what is stored, and the rollups beside a recount
    proxy      a TCP proxy that can fall silent
    kills, disk, hang, deploy, several, clock, overload, slow, moves, upgrades,
    hostile, hostile_values, storm: the drills themselves

Nothing of a drill touches DATABASE_URL: each starts its own PostgreSQL in a folder of its own.
"""
