"""Tests of loading: from bytes to events."""
