"""One caption parsed: the spaCy pipeline, tags put right, phrases, facts."""
