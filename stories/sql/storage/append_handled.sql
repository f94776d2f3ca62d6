-- Stores the events of handled errors that are new, with their details: migrations/019_symbols.sql.
-- params: rows text (a JSON array of payloads.crash.HandledRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
select append_handled(%(rows)s::json, %(count)s, %(person_digest)s) as stored
