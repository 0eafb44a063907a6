"""Rows become matplotlib figures; no SQL here."""
