-- Whether a crash with frames is held.
-- params: none
-- columns: has_held boolean
select exists (select from outbox where held_until is not null and not follows) as has_held
