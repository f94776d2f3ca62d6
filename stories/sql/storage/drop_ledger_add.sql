-- Adds to the drop ledger.
-- params: day date, app_id smallint, reason text, n bigint
-- columns: none
insert into drops (day, app_id, reason, n) values (%(day)s, %(app_id)s, %(reason)s, %(n)s)
on conflict (day, app_id, reason) do update set n = drops.n + excluded.n
