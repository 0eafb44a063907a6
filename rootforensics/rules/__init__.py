"""Detections."""
