"""Mask what tells whose a case is, alike in all that is written of it."""
