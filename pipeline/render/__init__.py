"""What to draw for a set: pure plans, and the stage that has them drawn."""
