-- The sessions of SDKs that `slice_keys` names (there user_id is their sid and dedupe_key their app), into
-- `slice_sdk_sessions`, as they are beside as they were counted; and their versions into `label_facts`, for
-- rollups/kept_values: under the name of an event that no event can have. What the events of the slice had in
-- these tables has been counted; after `truncate` plans that are kept would be made anew. Locked in the order in
-- which storage/append_sessions locks them.
-- params: none
-- columns: none
delete from slice;
delete from label_facts;
delete from other_values;
insert into slice_sdk_sessions
select held.app_id, held.sid, held.started, (held.started at time zone apps.timezone)::date, coalesce(left(held.app_version, 20), ''),
       held.status, held.sessions, held.counted_day, held.counted_version, held.counted_status
from (
    select distinct dedupe_key::smallint as app_id, user_id as sid
    from slice_keys where kind = 'session'
    order by 1, 2
) as keys cross join lateral (
    select * from sdk_sessions where (sdk_sessions.app_id, sdk_sessions.sid) = (keys.app_id, keys.sid)
    offset 0
    for update
) as held join apps on apps.app_id = held.app_id;
insert into label_facts (app_id, event, property, day, segments, label, declared, n)
select app_id, '(session)', 'version', day, 0, version, false,
       coalesce(sum(sessions) filter (where counted_status is null), 0)
from slice_sdk_sessions
where version <> ''
group by app_id, day, version
