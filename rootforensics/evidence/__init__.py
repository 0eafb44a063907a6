"""Where an event stands in the evidence, and the notes of those who look at it."""
