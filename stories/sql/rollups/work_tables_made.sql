-- Which work tables the connection has made: what rollups/work_tables.py has noted on the first; null if none.
-- params: none
-- columns: shape text
select obj_description(to_regclass('pg_temp.slice_keys'), 'pg_class') as shape
