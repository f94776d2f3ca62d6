-- What became of a message.
-- params: once text
-- columns: sent boolean, attempts integer, last_error text
select sent_at is not null as sent, attempts, last_error from messages where once = %(once)s
