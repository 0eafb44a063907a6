"""How to say it: the story, the incident in brief, the answers in sentences, the numbers."""
