-- As recount_exchange, of what is kept by series.
-- params: rollup text, since date, until date
-- columns: none
select recount_exchange_series(%(rollup)s, %(since)s, %(until)s)
