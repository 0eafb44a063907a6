"""Results become files for people: one HTML page, timelines."""
