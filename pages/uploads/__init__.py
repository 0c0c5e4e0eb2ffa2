"""Uploads: which deliveries came in and what is included, as chart and table."""
