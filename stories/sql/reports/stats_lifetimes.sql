-- Retention and churn of everybody there has been: `old` people first seen N or more days ago, of whom
-- `stayed` were last seen N or more days after their first day; churned: not seen in the last 30 days.
-- params: app_id smallint, today date
-- columns: old_7d numeric, stayed_7d numeric, old_30d numeric, stayed_30d numeric, churned numeric
select coalesce(sum(people) filter (where first_day <= %(today)s::date - 7), 0) as old_7d,
       coalesce(sum(people) filter (where first_day <= %(today)s::date - 7
                                      and last_day - first_day >= 7), 0) as stayed_7d,
       coalesce(sum(people) filter (where first_day <= %(today)s::date - 30), 0) as old_30d,
       coalesce(sum(people) filter (where first_day <= %(today)s::date - 30
                                      and last_day - first_day >= 30), 0) as stayed_30d,
       coalesce(sum(people) filter (where last_day < %(today)s::date - 29), 0) as churned
from lifetimes
where app_id = %(app_id)s
