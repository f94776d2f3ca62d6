-- How each job went last, and what waits to be folded.
-- params: none
-- columns: name text, started_at timestamptz, seconds double precision, last_error text,
--   error_at timestamptz, note text (how far it is)
select name, started_at, seconds, last_error, error_at, note from jobs order by name
