"""What a responder needs after the verdict: whether containment holds, how they came in, what to rotate."""
