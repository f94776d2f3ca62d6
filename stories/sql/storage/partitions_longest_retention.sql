-- The days of the app that keeps its data longest.
-- params: days integer (for apps without a number of their own, and for no app at all)
-- columns: days integer
select coalesce(max(coalesce(retention_days, %(days)s::integer)), %(days)s::integer) as days from apps
