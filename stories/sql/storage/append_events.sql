-- Stores the events that are new, and one outbox row that names them: migrations/006_append_events.sql.
-- params: rows text (a JSON array of models.EventRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
select append_events(%(rows)s::json, %(count)s, %(person_digest)s) as stored
