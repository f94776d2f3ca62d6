-- How many sessions are held, and what their table takes, indexes included.
-- params: none
-- columns: rows bigint, bytes bigint
select count(*) as rows, pg_total_relation_size('sessions') as bytes from sessions
