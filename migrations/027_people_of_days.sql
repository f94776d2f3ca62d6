-- Everybody of a day in one row of active_gaps, so that answers add up a row a day and the few with a short gap, and
-- not a row for each gap of up to a year: kind -1 - kind, gap 0. Of everybody alone, not of facets.
begin;

insert into active_gaps (app_id, kind, day, gap, people)
select app_id, -1 - kind, day, 0, sum(people)
from active_gaps
where facet = 0
group by app_id, kind, day
having sum(people) <> 0;
insert into departed_active_gaps (app_id, kind, day, gap, people)
select app_id, -1 - kind, day, 0, sum(people)
from departed_active_gaps
where facet = 0
group by app_id, kind, day
having sum(people) <> 0;

insert into schema_migrations (name) values ('027_people_of_days');
commit;
