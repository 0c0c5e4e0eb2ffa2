"""Start jobs: a load, an extraction, processing, a consolidated analytics job."""
