-- When people who stay in a group that others of their crashes have left met it last: read from what is held of
-- them. Of whom nothing is held any more, that stands. The rows are found by person, not by group: a group
-- that is left may hold a million.
-- params: none
-- columns: none
create temporary table staying on commit drop as
    select held.user_id, held.app_id, held.fingerprint, held.n
    from moved_people as moved join group_people as held using (user_id, app_id, fingerprint)
    where held.last_at <= moved.last_at;
analyze staying;
create temporary table crashes_left on commit drop as
    select staying.user_id, staying.app_id, staying.fingerprint, count(*) as n,
           max((crashes.timestamp at time zone timezone)::date)::timestamp at time zone timezone as last_at
    from staying join apps using (app_id) join crashes
        on crashes.user_id = staying.user_id and crashes.app_id + 0 = staying.app_id
       and crashes.fingerprint || '\x'::bytea = staying.fingerprint
    group by 1, 2, 3, timezone;
create temporary table errors_left on commit drop as
    select staying.user_id, staying.app_id, staying.fingerprint,
           max((events.timestamp at time zone timezone)::date)::timestamp at time zone timezone as last_at
    from staying join apps using (app_id) left join crashes_left using (user_id, app_id, fingerprint)
    join events on events.user_id = staying.user_id and events.app_id + 0 = staying.app_id
       and events.event = 'error_handled'
       and events.properties ->> 'fingerprint' = encode(staying.fingerprint, 'hex')
    where staying.n > coalesce(crashes_left.n, 0)
    group by 1, 2, 3, timezone;
update group_people as held set last_at = greatest(crashes_left.last_at, errors_left.last_at)
    from staying left join crashes_left using (user_id, app_id, fingerprint)
    left join errors_left using (user_id, app_id, fingerprint)
    where (held.user_id, held.app_id, held.fingerprint)
        = (staying.user_id, staying.app_id, staying.fingerprint)
      and greatest(crashes_left.last_at, errors_left.last_at) is not null
