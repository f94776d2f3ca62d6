-- As append_events.sql, where some of the rows may be in chunks already: migrations/021_compression.sql.
-- params: rows text (a JSON array of models.EventRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
select append_late_events(%(rows)s::json, %(count)s, %(person_digest)s) as stored
