"""Who was let in: what policies, access control lists and shares of a call give, and to whom."""
