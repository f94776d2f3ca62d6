"""What the operator runs by hand: doctor, backup, restore. docs/OPERATIONS.md lists the commands."""
