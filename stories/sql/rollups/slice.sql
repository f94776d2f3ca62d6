-- The events and crashes that `slice_keys` names, into `slice`; testers' left out.
-- rules say which flags an event sets: an element without property holds for every such event, one
-- with property and equals for those whose property is that JSON, one with prefix for those whose
-- property starts so.
-- Testers by two `not in`, hashed once, where `not exists` would look each event up twice. `offset 0`: a
-- slice is small beside the tables, so each key is looked up, whatever the statistics say.
-- fingerprint: of crashes and of handled errors (events `error_handled`), for their issues.
-- Texts become keys of the rollups, so they are cut to what intake allows, whoever wrote the row.
-- What debug builds send is counted nowhere. segments, crash_segments: expressions of `held` (definitions.py).
-- params: rules text (JSON), segments integer, crash_segments integer
-- columns: none
with rules as materialized (
    select * from json_to_recordset(%(rules)s::json)
        as rule (app_id smallint, event text, property text, equals text, prefix text, flag integer)
), stored_events as (
    select held.*
    from slice_keys as keys, lateral (
        select * from held_events as events
        where (events.user_id, events.timestamp, events.dedupe_key)
            = (keys.user_id, keys.timestamp, keys.dedupe_key)
        offset 0
    ) as held
    where keys.kind = 'event'
), stored_crashes as (
    select held.*
    from slice_keys as keys, lateral (
        select * from held_crashes as crashes
        where (crashes.user_id, crashes.timestamp, crashes.dedupe_key)
            = (keys.user_id, keys.timestamp, keys.dedupe_key)
        offset 0
    ) as held
    where keys.kind = 'crash'
)
insert into slice
select 'event', held.app_id, held.user_id, held.timestamp, held.dedupe_key,
       (held.timestamp at time zone apps.timezone)::date, left(held.event, 100), held.properties,
       left(held.app_version, 20), left(held.platform, 50), left(held.country, 2),
       left(held.session_id, 100),
       1 | case when (held.app_id, held.event) in (select app_id, event from rules) then coalesce((
           select bit_or(rules.flag) from rules
           where rules.app_id = held.app_id and rules.event = held.event
             and (rules.property is null
                  or held.properties -> rules.property = rules.equals::jsonb
                  or starts_with(held.properties ->> rules.property, rules.prefix))
       ), 0) else 0 end,
       case when held.event = 'error_handled' and held.properties ->> 'fingerprint' ~ '^[0-9a-f]{32}$'
           then decode(held.properties ->> 'fingerprint', 'hex') end,
       case when held.event = 'error_handled' then held.received_at end, coalesce(%(segments)s, 0)
from stored_events as held join apps using (app_id)
where held.channel is distinct from 'debug'
  and held.user_id not in (select user_id from testers where app_id is null)
  and (held.app_id, held.user_id)
      not in (select app_id, user_id from testers where app_id is not null)
union all
select 'crash', held.app_id, held.user_id, held.timestamp, held.dedupe_key,
       (held.timestamp at time zone apps.timezone)::date, left(held.crash_type, 100), null,
       left(held.app_version, 20), left(held.os_version, 50), null, null, 2,
       held.fingerprint, held.received_at, coalesce(%(crash_segments)s, 0)
from stored_crashes as held join apps using (app_id)
where held.channel is distinct from 'debug'
  and held.user_id not in (select user_id from testers where app_id is null)
  and (held.app_id, held.user_id)
      not in (select app_id, user_id from testers where app_id is not null)
