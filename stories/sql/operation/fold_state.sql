-- The fold's books: when it last changed something, what waits, what was set aside.
-- params: none
-- columns: folded_at timestamptz, waiting bigint, set_aside bigint, sealed_days bigint
select (select folded_at from fold_state) as folded_at,
       (select coalesce(sum(n), 0) from outbox)::bigint as waiting,
       (select count(*) from set_aside) as set_aside,
       (select count(*) from sealed_days where not carried) as sealed_days
