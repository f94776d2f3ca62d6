-- Stores the crashes that are new, and holds those that wait for names: migrations/019_symbols.sql.
-- params: rows text (a JSON array of models.CrashRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
select append_crashes(%(rows)s::json, %(count)s, %(person_digest)s) as stored
