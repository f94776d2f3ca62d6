-- Whether the fold has to copy what is held into temporary tables: Citus does not look rows of distributed
-- tables up one by one. Of people not where a recount's temporary tables are in the place of theirs. sessions: whether
-- the slice names sessions of SDKs. few: whether it names so few events that plans made for few are good for it.
-- has_left: whether sessions have left with compressed days.
-- params: none
-- columns: events boolean, people boolean, sessions boolean, few boolean, has_left boolean
select to_regproc('create_distributed_table') is not null as events,
       to_regproc('create_distributed_table') is not null and to_regclass('pg_temp.users') is null as people,
       exists (select from slice_keys where kind = 'session') as sessions,
       (select count(*) from slice_keys) <= 1000 as few,
       exists (select 1 from event_chunks where sessions_left) as has_left
