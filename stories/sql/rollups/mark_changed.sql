-- Notes that the rollups have changed: answers cached before are old now.
-- params: none
-- columns: none
update fold_state set generation = generation + 1, folded_at = now()
