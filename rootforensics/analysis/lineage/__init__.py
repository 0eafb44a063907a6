"""What followed from root: what it made and changed, who acted through it, and what of it is still there."""
