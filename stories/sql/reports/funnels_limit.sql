-- How long each statement of this transaction may take.
-- params: milliseconds integer
-- columns: set_config text
select set_config('statement_timeout', (%(milliseconds)s::integer)::text, true)
