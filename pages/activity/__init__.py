"""Activity: what was done from here, by whom, and what came of it."""
