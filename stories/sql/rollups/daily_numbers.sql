-- Numbers by day and dimension: the countable ones and those derived from them (the first of two
-- properties that is a valid number). Sums are numeric, so their order does not matter.
-- Grouped by the number of a rule instead of its three names: half of the statement was hashing them.
-- Sums are made as the values come together, then by each dimension; buckets by each dimension at once,
-- since few come together.
-- Series that are new are numbered as in rollups/daily_events.
-- params: countable text (JSON, as rollups/kept_values), derived text (JSON: app_id, event, property,
--   first, second, successful)
-- columns: none
with rules as materialized (
    select row_number() over () as rule, *
    from (
        select app_id, event, property, property as first, null as second, percentiles,
               false as successful
        from json_to_recordset(%(countable)s::json) as item
            (app_id smallint, event text, property text, type text, percentiles boolean)
        where type = 'number'
        union all
        select app_id, event, property, first, second, false, successful
        from json_to_recordset(%(derived)s::json) as item
            (app_id smallint, event text, property text, first text, second text, successful boolean)
    ) as both_kinds
), rules_by_segment as materialized (
    select rule, bit, value from rules join slice_segments using (app_id)
), facts as materialized (
    select rule, day, app_version, platform, country, segments, number,
           case when percentiles then histogram_bucket(number) end as bucket
    from (  -- `offset 0`: what is taken from the properties is taken once, not wherever it is named
        select rule, day, app_version, platform, country, segments, percentiles,
               case when not successful or is_successful(success) then number_of(first, second) end as number
        from (
            select rule, day, app_version, platform, country, segments, percentiles, successful,
                   properties -> rules.first as first, properties -> rules.second as second,
                   case when successful then properties -> 'success' end as success
            from slice join rules using (app_id, event)
            where kind = 'event'
            offset 0
        ) as items
        offset 0
    ) as numbers
    where number is not null
), together as materialized (
    select rule, day, app_version, platform, country, segments,
           count(*) as n, sum(number) as total, min(number) as least, max(number) as most
    from facts
    group by rule, day, app_version, platform, country, segments
), summed_by_name as materialized (
    select rule, day, dims.dim, dims.value,
           sum(n) as n, sum(total) as total, min(least) as least, max(most) as most
    from together, lateral (values (1, ''), (2, app_version), (3, platform), (4, country)) as dims (dim, value)
    where dims.value is not null
    group by rule, day, dims.dim, dims.value
), families as materialized (
    select platform, platform_family(platform) as family
    from (select distinct value as platform from summed_by_name where dim = 3 and value <> '') as named
), summed as (
    select * from summed_by_name
    union all
    select rule, day, 5, family, sum(n), sum(total), min(least), max(most)
    from summed_by_name join families on dim = 3 and value = platform
    group by rule, day, family
    union all
    select rule, day, 6, value, sum(n), sum(total), min(least), max(most)
    from together join rules_by_segment using (rule)
    where segments & bit <> 0
    group by rule, day, value
), bucketed as materialized (
    select rule, day, dim, value, bucket, n
    from (
        select rule, day, bucket, count(*) as n,
               case when grouping(app_version) = 0 then 2 when grouping(platform) = 0 then 3
                    when grouping(country) = 0 then 4 else 1 end as dim,
               case when grouping(app_version) = 0 then app_version
                    when grouping(platform) = 0 then platform
                    when grouping(country) = 0 then country else '' end as value
        from facts
        where bucket is not null
        group by rule, day, bucket, grouping sets ((), (app_version), (platform), (country))
    ) as counted
    where value is not null
    union all
    select rule, day, 6, value, bucket, count(*)
    from facts join rules_by_segment using (rule)
    where bucket is not null and segments & bit <> 0
    group by rule, day, value, bucket
), histograms as (
    select rule, day, dim, value, array_agg(bucket) as buckets, array_agg(n::integer) as counts
    from bucketed
    group by rule, day, dim, value
    union all
    select rule, day, 5, family, array_agg(bucket), array_agg(n::integer)
    from (
        select rule, day, family, bucket, sum(n) as n
        from bucketed join families on dim = 3 and value = platform
        group by rule, day, family, bucket
    ) as by_family
    group by rule, day, family
), counted as materialized (
    select app_id, day, ('{none,version,platform,country,family,segment}'::text[])[dim] as dim, value, event, property,
           n, total, least, most, histogram_of(buckets, counts) as histogram
    from summed join rules using (rule) left join histograms using (rule, day, dim, value)
), named as materialized (
    select counted.*, series_id
    from counted left join (select * from series where label = '') as named using (app_id, dim, value, event, property)
), new as (
    insert into series (app_id, dim, value, event, property)
    select distinct app_id, dim, value, event, property from named where series_id is null
    returning series_id, app_id, dim, value, event, property
)
insert into number_series (series_id, day, n, total, least, most, histogram)
select coalesce(named.series_id, new.series_id), day, n, total, least, most, histogram
from named left join new using (app_id, dim, value, event, property)
on conflict (series_id, day) do update set
    n = number_series.n + excluded.n,
    total = number_series.total + excluded.total,
    least = least(number_series.least, excluded.least),
    most = greatest(number_series.most, excluded.most),
    histogram = case when excluded.histogram = '{}' then number_series.histogram
                     else add_histograms(number_series.histogram, excluded.histogram) end
