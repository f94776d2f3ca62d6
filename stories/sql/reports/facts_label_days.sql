-- How often matching events said each value of a countable property, by day; '' is none. What has no place among
-- the day's values counts as other, as in the rollups.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), event text, property text, type text,
--   values text[] (that an enum declares), matches boolean
-- columns: day date, label text, count bigint
with said as materialized (
    select day, label, count(*) as n
    from (
        select day, label_of(%(type)s::text, properties -> %(property)s::text) as label
        from facts
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
          and event = %(event)s::text and %(matches)s
        offset 0
    ) as labels
    where label is not null
    group by day, label
)
select said.day, case when %(type)s::text = 'boolean' or said.label = any (%(values)s::text[])
                         or said.label in ('', 'other') or kept.value is not null
                         or is_plain_label(said.label) and closed.value is null
                       then said.label else 'other' end as label, sum(said.n)::bigint as count
from said
left join kept_values as kept
    on kept.app_id = %(app_id)s and (kept.event, kept.property, kept.day, kept.value)
                                  = (%(event)s::text, %(property)s::text, said.day, said.label)
left join kept_values as closed
    on closed.app_id = %(app_id)s and (closed.event, closed.property, closed.day, closed.value)
                                    = (%(event)s::text, %(property)s::text, said.day, 'other')
group by 1, 2
order by 1, 2
