-- Silences the subjects of a rule and the rule itself, or one subject, until a moment.
-- params: rule_id integer, subject text (null: all), until timestamptz, now timestamptz, itself boolean (whether the
--   rule as a whole is one of them)
-- columns: none
insert into alert_states (rule_id, subject, state, since, snoozed_until)
select %(rule_id)s::integer, subject, 'ok', %(now)s::timestamptz, %(until)s::timestamptz
from (select '' as subject where %(itself)s::boolean
      union select subject from alert_states where rule_id = %(rule_id)s::integer
                                               and (subject <> '' or %(itself)s::boolean)) as subjects
where %(subject)s::text is null or subject = %(subject)s
on conflict (rule_id, subject) do update set snoozed_until = excluded.snoozed_until
