"""Credentials: what each tenant signs in to its sources with; created, changed, deleted."""
