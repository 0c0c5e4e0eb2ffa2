"""Deliveries: what came together, what became of it, and which delivery to look at first."""
