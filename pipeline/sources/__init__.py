"""Caption files of several formats, read as a stream of anchors."""
