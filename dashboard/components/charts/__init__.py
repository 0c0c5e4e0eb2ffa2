"""What the charts of several screens share."""
