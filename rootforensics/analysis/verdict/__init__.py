"""Yes, no or unknown: the questions of a root incident, each answered with its evidence."""
