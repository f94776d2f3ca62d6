-- The events and crashes that `slice_keys` names, into `slice`; testers' left out.
-- rules say which flags an event sets: an element without property holds for every such event, one
-- with property and equals for those whose property is that JSON, one with prefix for those whose
-- property starts so.
-- Testers by two `not in`: hashed once, where `not exists` would look each event up twice. Events by
-- `<> 'crash'`: the planner takes `= 'event'` for a 200th of the keys, and joins accordingly.
-- params: rules text (JSON)
-- columns: none
with rules as (
    select * from json_to_recordset(%(rules)s::json)
        as rule (app_id smallint, event text, property text, equals text, prefix text, flag integer)
)
insert into slice
select 'event', found.app_id, found.user_id, found.timestamp, found.dedupe_key,
       (found.timestamp at time zone apps.timezone)::date, found.event, found.properties,
       found.app_version, found.platform, found.country, found.session_id,
       1 | coalesce((
           select bit_or(rules.flag) from rules
           where rules.app_id = found.app_id and rules.event = found.event
             and (rules.property is null
                  or found.properties -> rules.property = rules.equals::jsonb
                  or starts_with(found.properties ->> rules.property, rules.prefix))
       ), 0)
from slice_keys as keys
join events as found using (user_id, timestamp, dedupe_key)
join apps using (app_id)
where keys.kind <> 'crash'
  and found.user_id not in (select user_id from testers where app_id is null)
  and (found.app_id, found.user_id)
      not in (select app_id, user_id from testers where app_id is not null)
union all
select 'crash', found.app_id, found.user_id, found.timestamp, found.dedupe_key,
       (found.timestamp at time zone apps.timezone)::date, found.crash_type, null,
       found.app_version, found.os_version, null, null, 2
from slice_keys as keys
join crashes as found using (user_id, timestamp, dedupe_key)
join apps using (app_id)
where keys.kind = 'crash'
  and found.user_id not in (select user_id from testers where app_id is null)
  and (found.app_id, found.user_id)
      not in (select app_id, user_id from testers where app_id is not null)
