-- Rows of a rollup that the recount has otherwise, or not at all.
-- params: rollup text, by_day boolean, amount text, since date, until date
-- columns: difference jsonb
select recount_differences(%(rollup)s, %(by_day)s, %(amount)s, %(since)s, %(until)s) as difference
