"""The bench: `make bench` loads events through the real append and fold, asks every report, drives
ingest over HTTP, and writes one table to docs/BENCHMARKS.md, every figure beside its limit.

    __main__   what is run, in which order
    place      the bench's own PostgreSQL, its databases, the disk check
    load       events and crashes through validation, append and fold
    sizes      bytes per event and per crash
    limits     what the same machine does at best: COPY, a round trip, one GROUP BY
    reports    every read call, p50 and p95
    filters    every report under one filter, whole pages under two conditions
    explore    one event, by the rollups and by the events
    questions  funnels, retention and an experiment, from the events
    folds      what segments cost the fold; fold_once is the program that it runs
    server     the app and the baseline under gunicorn
    clients    a load generator of 32 connections in one process
    ingest     batches of 1, 10 and 100 over HTTP, beside baseline
    crashes    crashes over HTTP, beside empty, and what they take on the disk
    empty      the least that Flask and gunicorn do for a request
    baseline   a plain Flask server with the tables of the first
               backend (docs/COMPATIBILITY.md), for comparison
    table      figures, percentiles, and how they are written down

Nothing here asserts a time; tests never do.
"""
