"""What is drawn of a wording that says both what is there and what is not.

An image model reads words as a bag: of "a white, not red, umbrella" it draws half in red. So only
what is affirmed is drawn, "a white umbrella". What is denied can be kept out by name, which is off
by default: a lone colour in the place of no text at all drives the packaged model to other colours
(a green umbrella came out black, a black cat red).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.core.records import CaptionEdit, EditKind, Replacement, Role

_PLACE = ".place"
"""End of the names of rules that deny a preposition: no model can keep out an "under"."""


@dataclass(frozen=True, slots=True)
class Affirmed:
    """An edit as it is drawn.

    Attributes:
        edit: The same change of the anchor's own caption; its `caption` is what is drawn.
        denied: The words of what is not there; empty where they name nothing to be seen, or
            stand in what is drawn as well.
    """

    edit: CaptionEdit
    denied: str = ""


def affirmed(caption: str, edit: CaptionEdit) -> Affirmed:
    """What to draw of an edit of an anchor with this caption.

    The wording of an edit that is negated on both sides is the anchor's caption with the denied
    phrase put in. Its stored spans say which of its words change outside that phrase, and those
    are the edit of the caption. Every other edit comes back as it is.
    """
    for start, end in _insertions(caption, edit):
        outside: list[Replacement] = []
        inside: list[Replacement] = []
        for piece in edit.replacements:
            if piece.end <= start:
                outside.append(piece)
            elif piece.start >= end:
                shift = end - start
                moved = replace(piece, start=piece.start - shift, end=piece.end - shift)
                outside.append(moved)
            elif start <= piece.start and piece.end <= end:
                inside.append(piece)
        decisive = [[p for p in part if p.role is Role.EDIT] for part in (outside, inside)]
        is_split = len(outside) + len(inside) == len(edit.replacements)
        if is_split and [len(part) for part in decisive] == [1, 1]:
            plain = replace(edit, factual=caption, replacements=tuple(outside))
            denied = decisive[1][0].new
            if edit.rule.endswith(_PLACE) or denied.lower() in plain.caption.lower():
                denied = ""
            return Affirmed(plain, denied)
    return Affirmed(edit)


def _insertions(caption: str, edit: CaptionEdit) -> Iterator[tuple[int, int]]:
    """Spans of an edit's wording without which it is the caption; none where it says no more."""
    length = len(edit.factual) - len(caption)
    if edit.kind is not EditKind.NEGATION or length <= 0:
        return
    for start in range(len(os.path.commonprefix([caption, edit.factual])), -1, -1):
        if edit.factual[start + length :] == caption[start:]:
            yield start, start + length
