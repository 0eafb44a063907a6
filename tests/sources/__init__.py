"""Tests of the sources: where bytes come from."""
