"""What one query cannot say."""
