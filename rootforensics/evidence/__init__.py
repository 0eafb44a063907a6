"""Digest validation, coverage and custody."""
