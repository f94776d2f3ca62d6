-- Whether on one of the days, as far as its events are held, a value of a dimension (event '') or of a declared
-- property found no place and was counted as "other".
-- params: app_id smallint, event text, property text, first date, last date
-- columns: are_there boolean
select exists (
    select from kept_values as closed
    where (closed.app_id, closed.event, closed.property, closed.value)
        = (%(app_id)s, %(event)s, %(property)s, 'other')
      and closed.day between %(first)s::date and %(last)s::date
      and not is_sealed(closed.app_id, closed.day)
) as are_there
