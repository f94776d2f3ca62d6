-- Opens muted issues of the slice whose condition is met, and logs it: a time is past, so many crashes or
-- people more than when it was muted, so many in one hour of arrival since then. After the counters.
-- mute_from is, of an issue muted by the hour, what its first hour held already.
-- params: none
-- columns: none
with muted as materialized (
    select held.*
    from slice_issues as sliced, lateral (
        select * from issues where issues.issue_id = sliced.issue_id and state = 'muted' offset 0
    ) as held
), due as materialized (
    select issue_id, mute, mute_value, mute_until
    from muted
    where case mute
        when 'until' then now() >= mute_until
        when 'crashes' then n - mute_from >= mute_value
        when 'people' then people - mute_from >= mute_value
        when 'per_hour' then exists (
            select
            from groups join group_hours using (app_id, fingerprint)
            where groups.issue_id = muted.issue_id and hour >= date_trunc('hour', since, 'UTC')
            group by hour
            having sum(group_hours.n) - case when hour = date_trunc('hour', since, 'UTC')
                then mute_from else 0 end >= mute_value) end
), moved as (
    update issues
    set state = 'open', because = 'back', since = now(),
        mute = null, mute_value = null, mute_until = null, mute_from = null
    from due
    where due.issue_id = issues.issue_id
)
insert into issue_log (issue_id, at, what, who, detail)
select issue_id, now(), 'back', 'fold', jsonb_strip_nulls(jsonb_build_object(
           'mute', mute, 'mute_value', mute_value, 'mute_until', mute_until))
from due
