-- What the database took on the first and the last of the days that are known.
-- params: day date
-- columns: days integer, first_bytes bigint, last_bytes bigint
select (max(day) - min(day))::integer as days,
       (array_agg(bytes order by day))[1] as first_bytes,
       (array_agg(bytes order by day desc))[1] as last_bytes
from database_sizes
where day >= %(day)s::date
