"""What is generated: pages of docs/, the table of actions, conditions, lists of calls and sources."""
