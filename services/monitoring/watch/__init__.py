"""The unattended watch: it looks while nobody does, and records each night."""

from .observation import NIGHT_SCHEMA, NightFacts, Observation

__all__ = ["NIGHT_SCHEMA", "NightFacts", "Observation"]
