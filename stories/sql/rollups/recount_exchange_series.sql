-- As recount_exchange, of what is kept by series.
-- params: series text, since date, until date
-- columns: none
select recount_exchange_series(%(series)s, %(since)s, %(until)s)
