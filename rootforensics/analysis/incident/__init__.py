"""The incident timeline: one story from all that a case holds."""
