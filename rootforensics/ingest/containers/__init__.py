"""Take CloudTrail events out of what other services wrapped around them, told by content, never by name."""
