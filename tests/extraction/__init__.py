"""Extractions by engines: stand-ins, and a real Trino."""
