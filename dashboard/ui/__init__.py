"""Pieces every screen is built from."""
