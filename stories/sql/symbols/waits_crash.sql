-- Whether a crash waits to be mapped, or a stored one to be mapped anew.
-- params: none
-- columns: waits_crash boolean
select exists (select from outbox where held_until is not null) or exists (select from remap_queue) as waits_crash
