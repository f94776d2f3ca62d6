-- What became of a message.
-- params: once text
-- columns: sent boolean, attempts integer, answer text, last_error text
select sent_at is not null as sent, attempts, answer, last_error from messages where once = %(once)s
