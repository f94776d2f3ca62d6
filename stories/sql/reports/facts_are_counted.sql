-- Whether the rollups of days can answer for a value of a dimension. A segment: once all its days are counted. Of
-- others: unless a day whose events are held had no place for the value, which is then among the day's 'other'.
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: are_counted boolean
select case when %(dim)s = 'segment' then exists (
        select from segments
        where app_id = %(app_id)s and segment_id::text = %(value)s and filled_until = 'infinity'
    ) else %(value)s = 'other' or not exists (
        select from kept_values as closed
        where (closed.app_id, closed.event, closed.value) = (%(app_id)s, '', 'other')
          and closed.property = case %(dim)s when 'family' then 'platform' else %(dim)s end
          and closed.day between %(first)s::date and %(last)s::date
          and not is_sealed(closed.app_id, closed.day)
          and not exists (
              select from kept_values as kept
              where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
                  = (closed.app_id, '', %(dim)s, closed.day, %(value)s)
          )
    ) end as are_counted
