"""Overview: what the last night brought, and what needs somebody."""
