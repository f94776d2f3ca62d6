-- Whether anybody has been erased.
-- params: none
-- columns: erased boolean
select exists (select from tombstones) as erased
