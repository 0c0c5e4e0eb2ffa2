"""Connectors: what each tenant extracts with, its settings, and credentials to assign."""
