-- How many issues began in a version (new), came back in it (regressed), are fixed in it (in), or in the
-- one after it (after). Handled errors are left out.
-- params: app_id smallint
-- columns: what text, version text, issues bigint
with own as materialized (
    select * from issues where app_id = %(app_id)s::smallint and merged_into is null and not handled
)
select 'new' as what, first_version as version, count(*) as issues
from own where first_version is not null group by first_version
union all
select 'regressed', detail ->> 'version', count(distinct issue_id)
from own join issue_log using (issue_id)
where what = 'regressed' and not undone and detail ->> 'version' is not null
group by detail ->> 'version'
union all
select fixed, fixed_version, count(*)
from own where state = 'resolved' and fixed in ('in', 'after') and fixed_version is not null
group by fixed, fixed_version
