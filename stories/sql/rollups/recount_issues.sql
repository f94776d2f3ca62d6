-- What a recount says of the totals of groups and issues: days that it does not cover stand as they are kept,
-- and so do people who are gone. Of hours it covers those that are kept for certain, and whose crashes are
-- all held: group_hours.sql counts what happened in the two weeks before it arrived.
-- params: none
-- columns: none
create temporary table uncovered_hours on commit drop as
    select app_id, hour
    from (select app_id, hour from public.group_hours union select app_id, hour from group_hours) as held
    join apps using (app_id)
    where hour <= now() - interval '29 days'
       or hour - interval '14 days' < whole_since::timestamp at time zone timezone
       or exists (select from sealed_days as days
                  where days.app_id = held.app_id and not carried
                    and day between hour::date - 15 and hour::date + 1);
delete from group_hours where (app_id, hour) in (select app_id, hour from uncovered_hours);
insert into group_hours
    select * from public.group_hours where (app_id, hour) in (select app_id, hour from uncovered_hours);
insert into group_counts (app_id, fingerprint, n)
    select app_id, fingerprint, coalesce(sum(days.n), 0)
    from groups left join (
        select app_id, fingerprint, n from group_days
        where dim = 'none' and not is_sealed(app_id, day)
        union all
        select app_id, fingerprint, n from public.group_days
        where dim = 'none' and is_sealed(app_id, day)
    ) as days using (app_id, fingerprint)
    group by app_id, fingerprint;
insert into issue_counts (issue_id, app_id, number, n, people)
    select issue_id, issues.app_id, number, coalesce(counted.n, 0), coalesce(gone, 0) + coalesce(met.people, 0)
    from issues left join (
        select issue_id, sum(group_counts.n) as n, sum(people_gone) as gone
        from groups join group_counts using (app_id, fingerprint) group by issue_id
    ) as counted using (issue_id) left join (
        select issue_id, count(distinct user_id) as people
        from groups join group_people using (app_id, fingerprint) group by issue_id
    ) as met using (issue_id);
