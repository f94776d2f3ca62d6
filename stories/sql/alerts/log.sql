-- Notes that a subject of a rule has another state.
-- params: rule_id integer, app_id smallint, subject text, state text, at timestamptz, value double precision,
--   normal double precision, text text
-- columns: none
insert into alert_log (rule_id, app_id, subject, state, at, value, normal, text)
values (%(rule_id)s, %(app_id)s, %(subject)s, %(state)s, %(at)s, %(value)s, %(normal)s, %(text)s)
