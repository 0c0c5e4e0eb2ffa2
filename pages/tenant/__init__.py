"""One tenant: what came for it, what was made of it, what was done, and what can be done."""
