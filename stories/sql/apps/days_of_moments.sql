-- The day on which each moment falls in a timezone, in the order given.
-- params: timezone text, moments timestamptz[]
-- columns: day date
select (moment at time zone %(timezone)s::text)::date as day
from unnest(%(moments)s::timestamptz[]) with ordinality as given (moment, place)
order by place
