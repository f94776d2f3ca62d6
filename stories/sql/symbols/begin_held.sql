-- Notes that the mapping of a held crash begins.
-- params: id bigint
-- columns: none
update outbox set attempts = attempts + 1 where id = %(id)s::bigint
