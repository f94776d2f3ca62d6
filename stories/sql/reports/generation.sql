-- The fold's generation: it grows whenever the rollups change.
-- params: none
-- columns: generation bigint
select generation from fold_state
