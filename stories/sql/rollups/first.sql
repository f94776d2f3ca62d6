-- The first outbox row in line, and how many events wait in it and behind it (as far as a fold takes).
-- params: none
-- columns: id bigint, n integer, waiting bigint
select id, n, sum(n) over () as waiting
from (select id, n from outbox order by id limit 5000) as oldest
order by id
limit 1
