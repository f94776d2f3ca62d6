-- The events and crashes that `slice_keys` names, into `slice`; testers' left out.
-- rules say which flags an event sets: an element without property holds for every such event, one
-- with property and equals for those whose property is that JSON, one with prefix for those whose
-- property starts so.
-- Testers by two `not in`, hashed once, where `not exists` would look each event up twice. `offset 0`: a
-- slice is small beside the tables, so each key is looked up, whatever the statistics say.
-- Texts become keys of the rollups, so they are cut to what intake allows, whoever wrote the row.
-- params: rules text (JSON)
-- columns: none
with rules as materialized (
    select * from json_to_recordset(%(rules)s::json)
        as rule (app_id smallint, event text, property text, equals text, prefix text, flag integer)
), found as (
    select held.*
    from slice_keys as keys, lateral (
        select * from events
        where (events.user_id, events.timestamp, events.dedupe_key)
            = (keys.user_id, keys.timestamp, keys.dedupe_key)
        offset 0
    ) as held
    where keys.kind = 'event'
), crashed as (
    select held.*
    from slice_keys as keys, lateral (
        select * from crashes
        where (crashes.user_id, crashes.timestamp, crashes.dedupe_key)
            = (keys.user_id, keys.timestamp, keys.dedupe_key)
        offset 0
    ) as held
    where keys.kind = 'crash'
)
insert into slice
select 'event', found.app_id, found.user_id, found.timestamp, found.dedupe_key,
       (found.timestamp at time zone apps.timezone)::date, left(found.event, 100), found.properties,
       left(found.app_version, 20), left(found.platform, 50), left(found.country, 2),
       left(found.session_id, 100),
       1 | coalesce((
           select bit_or(rules.flag) from rules
           where rules.app_id = found.app_id and rules.event = found.event
             and (rules.property is null
                  or found.properties -> rules.property = rules.equals::jsonb
                  or starts_with(found.properties ->> rules.property, rules.prefix))
       ), 0)
from found join apps using (app_id)
where found.user_id not in (select user_id from testers where app_id is null)
  and (found.app_id, found.user_id)
      not in (select app_id, user_id from testers where app_id is not null)
union all
select 'crash', crashed.app_id, crashed.user_id, crashed.timestamp, crashed.dedupe_key,
       (crashed.timestamp at time zone apps.timezone)::date, left(crashed.crash_type, 100), null,
       left(crashed.app_version, 20), left(crashed.os_version, 50), null, null, 2
from crashed join apps using (app_id)
where crashed.user_id not in (select user_id from testers where app_id is null)
  and (crashed.app_id, crashed.user_id)
      not in (select app_id, user_id from testers where app_id is not null)
