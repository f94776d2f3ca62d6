-- How many rows a month of events holds.
-- params: name text (of its table)
-- columns: count bigint
select count(*) as count from events where tableoid = to_regclass(quote_ident(%(name)s::text))
