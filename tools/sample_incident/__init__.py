"""Generator of the invented root takeover in `sample_logs/`."""
