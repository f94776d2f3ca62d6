-- The issues that release_issue_counts counts of one version, those with most crashes first; `limit` of
-- each kind. `afters`: the versions after which this one is the next.
-- params: app_id smallint, version text, afters text[], limit integer
-- columns: what text, issue_id bigint, number integer, title text, culprit text, crash_type text,
--   raw boolean, is_handled boolean, state text, because text, since timestamptz, first_seen timestamptz,
--   last_seen timestamptz, first_version text, last_version text, crashes bigint, people bigint
with own as materialized (
    select * from issues where app_id = %(app_id)s::smallint and merged_into is null and not handled
), chosen as (
    select 'new' as what, issue_id from own where first_version = %(version)s::text
    union
    select 'regressed', issue_id from own join issue_log using (issue_id)
    where what = 'regressed' and not undone and detail ->> 'version' = %(version)s::text
    union
    select 'fixed', issue_id from own
    where state = 'resolved'
      and (fixed = 'in' and fixed_version = %(version)s::text
           or fixed = 'after' and fixed_version = any (%(afters)s::text[]))
), ranked as (
    select what, own.*, row_number() over (partition by what order by n desc, number) as place
    from chosen join own using (issue_id)
)
select what, issue_id, number, title, culprit, crash_type, raw, handled as is_handled, state, because,
       since, first_seen, last_seen, first_version, last_version, n as crashes, people
from ranked
where place <= %(limit)s
order by what, place
