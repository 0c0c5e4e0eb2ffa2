"""Recovering from a bad load: find it, see its impact, plan, run, verify, report."""
