"""A procedural world with exact ground truth: scenes, their pictures, captions and a reader."""
