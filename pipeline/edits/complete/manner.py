"""Another caption's text in the manner of the anchor's."""

from __future__ import annotations

from pipeline.edits.apply.case import letter_case


def in_manner_of(caption: str, text: str) -> str:
    """Another text with the capitals and the closing mark of a caption."""
    bare = text.rstrip()
    bare = bare[:-1].rstrip() if bare.endswith(".") else bare
    closing = caption.rstrip()
    if closing.endswith("."):
        bare += " ." if closing[:-1].endswith(" ") else "."
    case = letter_case(caption)
    if case is not None:
        return case.written(bare)
    if caption.islower():
        return bare.lower()
    if caption[:1].isupper():
        return bare[:1].upper() + bare[1:]
    if caption[:1].islower() and not bare.partition(" ")[0][1:].isupper():
        return bare[:1].lower() + bare[1:]
    return bare
