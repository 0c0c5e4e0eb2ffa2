"""Watch: the rules of the watch, what they found, and what was told about it."""
