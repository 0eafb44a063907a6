"""What to do: the steps of containment and recovery, in the order in which to act."""
