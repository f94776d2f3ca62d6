-- Whether the slice has a crash or handled error that belongs to a group.
-- params: none
-- columns: exists boolean
select exists (select from slice where fingerprint is not null)
