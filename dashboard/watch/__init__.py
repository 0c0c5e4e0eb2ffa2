"""What is watched, kept on record and told while nobody looks."""
