"""Who was given access: what policies, access control lists and shares of a call grant, and to whom."""
