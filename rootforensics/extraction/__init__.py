"""Have an engine beside the logs find what belongs to root's story, and make a case of that."""
