"""What is measured of drawn pictures."""
