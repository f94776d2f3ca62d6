-- Puts the recounted rows of a rollup in place of the kept ones.
-- params: rollup text, by_day boolean, since date, until date
-- columns: none
select recount_exchange(%(rollup)s, %(by_day)s, %(since)s, %(until)s)
