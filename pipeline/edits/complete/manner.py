"""Another caption's text in the manner of the anchor's."""

from __future__ import annotations

import re

from pipeline.edits.apply.case import letter_case

ARTICLES = frozenset({"a", "an", "the"})
DETERMINED = ARTICLES | frozenset(
    {"this", "that", "these", "those", "some", "his", "her", "its", "their", "my", "our"}
)
SPACED_MARK = re.compile(r"\s+([,;:!?])")


def in_register_of(caption: str, text: str) -> str:
    """What a language model wrote, without what tells it from the caption before it is read.

    Beside :func:`in_manner_of`: no article at the beginning where the caption has none there
    ("young woman on a beach"), and no spaces before marks where it has none.
    """
    first, _, rest = text.strip().partition(" ")
    words = caption.lower().split()
    bare = bool(words) and words[0] not in DETERMINED and words[0][:1].isalpha()
    if bare and first.lower() in ARTICLES and rest:
        text = rest
    if not SPACED_MARK.search(caption):
        text = SPACED_MARK.sub(r"\1", text)
    return in_manner_of(caption, text)


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
