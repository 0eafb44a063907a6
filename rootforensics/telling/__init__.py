"""What people read: statements, each with the events that prove it, and selections of them."""
