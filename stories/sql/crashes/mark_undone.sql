-- Marks an entry of the log as undone.
-- params: entry_id bigint
-- columns: none
update issue_log set undone = true where entry_id = %(entry_id)s
