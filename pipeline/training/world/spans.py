"""The stored edit of a pair of captions that were worded alike."""

from __future__ import annotations

from pipeline.core.records import Replacement
from pipeline.training.world.captions import WorldCaption


def replacements(factual: WorldCaption, edited: WorldCaption) -> tuple[Replacement, ...]:
    """What makes the edited caption of the factual one, from their pieces.

    Neighbouring pieces that differ are one replacement. Captions of one wording have the same
    number of pieces, so nothing is guessed.

    Raises:
        ValueError: The captions are not worded alike.
    """
    old = [piece.text for piece in factual.pieces]
    new = [piece.text for piece in edited.pieces]
    if len(old) != len(new):
        raise ValueError(f"{factual.text!r} and {edited.text!r} are not worded alike")
    found: list[Replacement] = []
    position = 0
    start: int | None = None
    text = factual.text
    for index, word in enumerate([*old, ""]):
        same = index == len(old) or word == new[index]
        if index < len(old) and word:
            position = text.index(word, position)
        if not same and start is None:
            start, first = position, index
        if same and start is not None:
            end = start + len(" ".join(old[first:index]).replace(" ,", ","))
            words = " ".join(new[first:index]).replace(" ,", ",")
            found.append(Replacement(start, end, text[start:end], words))
            start = None
        if index < len(old):
            position += len(word)
    made, last = "", 0
    for piece in found:
        made, last = made + text[last : piece.start] + piece.new, piece.end
    if made + text[last:] != edited.text:
        raise ValueError(f"{factual.text!r} and {edited.text!r} are not worded alike")
    return tuple(found)
