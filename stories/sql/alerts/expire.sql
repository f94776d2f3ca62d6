-- Deletes old messages, old entries of the log, and states of issues that are over.
-- params: now timestamptz
-- columns: none
with sent as (
    delete from messages where created_at < %(now)s::timestamptz - interval '30 days'
), said as (
    delete from alert_log where at < %(now)s::timestamptz - interval '400 days'
), over as (
    delete from alert_states
    where subject <> '' and state in ('ok', 'resolved') and since < %(now)s::timestamptz - interval '1 day'
      and (snoozed_until is null or snoozed_until < %(now)s::timestamptz)
)
delete from database_sizes where day < (%(now)s::timestamptz - interval '400 days')::date
