"""Whether logs are what CloudTrail delivered: digest files, their signatures, and the logs that they list."""
