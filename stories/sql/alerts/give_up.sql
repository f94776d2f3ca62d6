-- Messages that were begun more often than they are tried, and never ended: who sends them is killed each time.
-- params: most integer, error text
-- columns: none
update messages set failed_at = now(), claimed_until = null, last_error = %(error)s
where sent_at is null and failed_at is null and attempts >= %(most)s and claimed_until < now()
