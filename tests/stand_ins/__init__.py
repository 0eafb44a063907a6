"""Small servers that speak a protocol whose real server is not to be had."""
