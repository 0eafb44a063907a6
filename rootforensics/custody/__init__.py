"""Chain of custody: what was done with a case, what its evidence is, and how others can check both."""
