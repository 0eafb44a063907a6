"""Tests of rootforensics; they mirror the package."""
