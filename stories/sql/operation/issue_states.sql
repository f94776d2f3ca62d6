-- How many issues of all apps are in which state, for GET /metrics: handled errors too, merged ones not.
-- params: none
-- columns: state text, issues bigint
select state, count(*) as issues
from issues
where merged_into is null
group by state
