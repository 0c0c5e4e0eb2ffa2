"""Data versions: what each tenant is on, and bad versions to disable."""
