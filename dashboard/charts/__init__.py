"""Frames to plotly figures, without side effects."""
