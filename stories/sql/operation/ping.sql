-- A sign of life.
-- params: none
-- columns: alive boolean
select true as alive
