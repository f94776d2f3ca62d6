"""What is kept and for how long: append, partitions, expiry, the drop ledger."""
