-- People by the week of their first event and the weeks they were active in, up to this week.
-- params: app_id smallint, today date
-- columns: first_week date, week date, people numeric
select first_week, week, sum(people) as people
from cohort_weeks
where app_id = %(app_id)s and week <= date_trunc('week', %(today)s::timestamp)::date
group by first_week, week
having sum(people) <> 0
order by first_week, week
