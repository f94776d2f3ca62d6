-- The people as they are now.
-- params: none
-- columns: none
insert into users (app_id, user_id, first_seen, last_seen, first_day, last_day, first_crash,
                   last_crash, app_version, version_at, platform, platform_at, country, country_at,
                   auto_paste, auto_paste_at, events, crashes, counts, active_day)
select app_id, user_id, first_seen, last_seen, first_day, last_day, first_crash,
       last_crash, app_version, version_at, platform, platform_at, country, country_at,
       auto_paste, auto_paste_at, events, crashes, counts,
       (greatest(last_seen, last_crash) at time zone 'utc')::date
from new_people
on conflict (user_id, app_id) do update set
    first_seen = excluded.first_seen, last_seen = excluded.last_seen,
    first_day = excluded.first_day, last_day = excluded.last_day,
    first_crash = excluded.first_crash, last_crash = excluded.last_crash,
    app_version = excluded.app_version, version_at = excluded.version_at,
    platform = excluded.platform, platform_at = excluded.platform_at,
    country = excluded.country, country_at = excluded.country_at,
    auto_paste = excluded.auto_paste, auto_paste_at = excluded.auto_paste_at,
    events = excluded.events, crashes = excluded.crashes, counts = excluded.counts,
    active_day = excluded.active_day
