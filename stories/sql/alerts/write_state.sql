-- Writes how a subject of a rule is now. What a reading does not tell stays: its text and link.
-- params: rule_id integer, subject text, state text, since timestamptz, is_told boolean, snoozed_until timestamptz,
--   value double precision, normal double precision, text text, link text
-- columns: none
insert into alert_states (rule_id, subject, state, since, is_told, snoozed_until, value, normal, text, link)
values (%(rule_id)s, %(subject)s, %(state)s, %(since)s, %(is_told)s, %(snoozed_until)s, %(value)s, %(normal)s,
        %(text)s, %(link)s)
on conflict (rule_id, subject) do update set
    state = excluded.state, since = excluded.since, is_told = excluded.is_told,
    snoozed_until = excluded.snoozed_until, value = excluded.value, normal = excluded.normal,
    text = case when excluded.text = '' then alert_states.text else excluded.text end,
    link = case when excluded.link = '' then alert_states.link else excluded.link end
