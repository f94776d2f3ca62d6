-- Makes the partition of a month if it is missing; 1 if it was made, else 0.
-- params: parent text (of partitions.PARENTS), month date (its first day)
-- columns: made integer
select ensure_partition(%(parent)s, %(month)s)::integer as made
