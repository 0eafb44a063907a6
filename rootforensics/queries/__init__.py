"""The questions: one SQL file each, with what it asks, returns and cannot see in its header."""
