"""Recovering from a bad load: find it, see what it hit, plan, run, verify, report."""
