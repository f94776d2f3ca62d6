-- Whether the oldest that waits to be folded has waited so long. One that seems to come from the future, as after
-- a clock was set back, has.
-- params: seconds double precision
-- columns: waited boolean
select coalesce((
    select received_at not between clock_timestamp() - make_interval(secs => %(seconds)s) and clock_timestamp()
    from outbox
    where held_until is null or held_until <= now()
    order by id
    limit 1
), false) as waited
