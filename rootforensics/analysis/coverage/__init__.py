"""Could the logs show it: what they cover of an account, a Region and a time, and what they lack."""
