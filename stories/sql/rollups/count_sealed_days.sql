-- Days of a range that have lost events whose counts are not carried: no recount covers them.
-- params: first date, last date
-- columns: days bigint
select count(*) as days from sealed_days
where day between %(first)s and %(last)s and not carried
