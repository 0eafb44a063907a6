"""Was it allowed: approvals of root's use, and the sessions of root reconciled with them."""
