"""A parsed caption: the spaCy pipeline, corrected tags, two models for the rules, facts."""
