"""What root, and everything that came from it, made and changed."""
