"""Recovery: find a bad load, see its impact, plan, run, verify, report."""
