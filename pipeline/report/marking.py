"""A text cut at the borders of what changed in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.report.gallery_model import MarkKind, Segment


def mark_text(text: str, spans: Iterable[tuple[int, int, MarkKind]]) -> tuple[Segment, ...]:
    """Cut a text into segments that together are the text.

    Args:
        text: The caption.
        spans: Half-open spans in order, not overlapping, each with how it is marked. An
            empty one becomes a segment "gap": there the other wording has more words.
    """
    return tuple(_cut(text, spans))


def _cut(text: str, spans: Iterable[tuple[int, int, MarkKind]]) -> Iterator[Segment]:
    position = 0
    for start, end, kind in spans:
        if start > position:
            yield Segment(text[position:start])
        if end > start:
            yield Segment(text[start:end], kind)
        elif kind == "edit":
            yield Segment("", "gap")
        position = end
    if position < len(text):
        yield Segment(text[position:])
