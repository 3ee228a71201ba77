"""Which tokens of two captions belong together, from the stored spans of an edit.

Attention maps are exchanged by token, edits are stored by character. The tokenizer's own
offsets join the two, so that nothing is guessed from how the texts look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import ConfigError
from pipeline.core.records import Replacement, Role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.core.draws import Guide

LENGTH = 77
"""Tokens that CLIP reads, with start, end and padding."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """One token of a text.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last one.
        id: Its number in the vocabulary.
    """

    start: int
    end: int
    id: int


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How an edited caption's tokens look through the eyes of its source's.

    Token `j` attends as `sum_i exchange[i, j] · source's map of i + kept[j] · own map of j`.

    Attributes:
        exchange: (77, 77) float32: source token → token of the edited caption.
        kept: (77,) float32: share of its own map that a token keeps, from 0 to 1.
        old: (77,) float32: 1 where the source's token is an edited word.
        new: (77,) float32: 1 where the edited caption's token is an edited word.
    """

    exchange: NDArray[np.float32]
    kept: NDArray[np.float32]
    old: NDArray[np.float32]
    new: NDArray[np.float32]


class TokenAligner:
    """Aligns captions as SDXL's two tokenizers cut them.

    Attributes:
        length: Tokens that the model reads, with start, end and padding; 77 but for miniatures.
    """

    def __init__(self, tokenizers: Sequence[Any]) -> None:
        self._tokenizers = tuple(tokenizers)
        self.length = min([LENGTH, *(tokenizer.model_max_length for tokenizer in tokenizers)])

    def align(self, prompt: str, guide: Guide) -> Alignment:
        """Align the caption `prompt` with its guide's source picture.

        Words outside the edit are aligned one to one; replaced words, in order if they have
        equally many tokens, else each with the mean of all; inserted words with nothing.
        Exchanged phrases are two replacements: each new phrase looks where the old one at
        its place did, and so the things exchange their places in the picture. Where the
        edited wording is not the source's caption, it is first aligned with that by the
        tokens that they share, and words of which the source knows nothing keep their own
        maps.

        Raises:
            ConfigError: The two tokenizers cut a text differently.
        """
        factual = self.tokens(guide.factual)
        edited = align_edit(factual, self.tokens(prompt), guide.replacements, self.length)
        if guide.prompt == guide.factual:
            return edited
        return _reworded(self.tokens(guide.prompt), factual, edited)

    def tokens(self, text: str) -> list[TokenSpan]:
        """The tokens of a text that the model reads, without start, end and padding.

        Raises:
            ConfigError: The two tokenizers cut it differently.
        """
        cuts = [self._cut(tokenizer, text, self.length) for tokenizer in self._tokenizers]
        spans = [[(token.start, token.end) for token in cut] for cut in cuts]
        if any(other != spans[0] for other in spans[1:]):
            raise ConfigError(
                f"the model's two tokenizers cut {text[:80]!r} differently, so words cannot be "
                "aligned; set images.strategy to same_noise"
            )
        return cuts[0]

    @staticmethod
    def _cut(tokenizer: Any, text: str, length: int) -> list[TokenSpan]:
        read = tokenizer(
            text, truncation=True, max_length=length, return_offsets_mapping=True, verbose=False
        )
        pairs = zip(read["input_ids"][1:-1], read["offset_mapping"][1:-1], strict=True)
        return [TokenSpan(start, end, token) for token, (start, end) in pairs]


def align_edit(
    factual: Sequence[TokenSpan],
    edited: Sequence[TokenSpan],
    replacements: Sequence[Replacement],
    length: int = LENGTH,
) -> Alignment:
    """Align two captions of which one is the other with `replacements`.

    A token outside the replaced spans has a twin: the same token at the same place, moved by
    what was replaced before it. A token that lost its twin, because an insertion clings to
    its word ("is" in "isn't"), belongs to the replacement that it touches. One without either,
    where the other caption was cut, keeps its own map.
    """
    import numpy as np

    exchange, kept = _frame(len(factual), len(edited), length)
    old, new = np.zeros(length, np.float32), np.zeros(length, np.float32)
    twins = _twins(factual, edited, replacements)
    for before, after in twins:
        exchange[before + 1, after + 1] = 1
    lone_before = sorted(set(range(len(factual))) - {before for before, _ in twins})
    lone_after = sorted(set(range(len(edited))) - {after for _, after in twins})
    spans = [(piece.start, piece.end) for piece in replacements]
    owners_before = [_owner(factual[n], spans) for n in lone_before]
    owners_after = [_owner(edited[n], _moved(replacements)) for n in lone_after]
    for number, piece in enumerate(replacements):
        # The start token stands first, so every number moves by one.
        left = [n + 1 for n, at in zip(lone_before, owners_before, strict=True) if at == number]
        right = [n + 1 for n, at in zip(lone_after, owners_after, strict=True) if at == number]
        if len(left) == len(right):
            exchange[left, right] = 1
        elif left:
            # The maps of the old words together, parted among the new ones.
            exchange[np.ix_(left, right)] = 1 / max(1, len(right))
        else:
            kept[right] = 1
        if piece.role is Role.EDIT:
            old[left] = 1
            new[right] = 1
    kept[[n + 1 for n, at in zip(lone_after, owners_after, strict=True) if at == -1]] = 1
    return Alignment(exchange, kept, old, new)


def _frame(before: int, after: int, length: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Start, end and padding aligned; of the padding, only as much as both have."""
    import numpy as np

    exchange = np.zeros((length, length), np.float32)
    kept = np.zeros(length, np.float32)
    exchange[0, 0] = 1
    ends = min(length - 1 - before, length - 1 - after)
    for number in range(ends):
        exchange[before + 1 + number, after + 1 + number] = 1
    kept[after + 1 + ends :] = 1
    return exchange, kept


def _twins(
    factual: Sequence[TokenSpan],
    edited: Sequence[TokenSpan],
    replacements: Sequence[Replacement],
) -> list[tuple[int, int]]:
    """Tokens outside the replaced spans and their moved selves."""
    places: dict[tuple[int, int, int], list[int]] = {}
    moved = _moved(replacements)
    for number, token in enumerate(edited):
        if _outside(token, moved):
            places.setdefault((token.start, token.end, token.id), []).append(number)
    twins = []
    for number, token in enumerate(factual):
        if not _outside(token, [(piece.start, piece.end) for piece in replacements]):
            continue
        shift = sum(
            len(piece.new) - len(piece.old) for piece in replacements if piece.end <= token.start
        )
        # A character outside the vocabulary has several tokens of one span: hence a queue.
        queue = places.get((token.start + shift, token.end + shift, token.id))
        if queue:
            twins.append((number, queue.pop(0)))
    return twins


def _outside(token: TokenSpan, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether no span covers, or lies within, any part of the token."""
    return all(token.end <= start or token.start >= end for start, end in spans)


def _moved(replacements: Sequence[Replacement]) -> list[tuple[int, int]]:
    """Spans of the replacements in the edited caption."""
    spans: list[tuple[int, int]] = []
    shift = 0
    for piece in replacements:
        spans.append((piece.start + shift, piece.start + shift + len(piece.new)))
        shift += len(piece.new) - len(piece.old)
    return spans


def _owner(token: TokenSpan, spans: Sequence[tuple[int, int]]) -> int:
    """Number of the span that the token overlaps or touches; -1 where there is none."""
    touching = [
        number
        for number, (start, end) in enumerate(spans)
        if token.start <= end and token.end >= start
    ]
    return touching[0] if touching else -1


def _reworded(
    prompt: Sequence[TokenSpan], factual: Sequence[TokenSpan], edited: Alignment
) -> Alignment:
    """Chain an edit of another wording behind the words that it shares with `prompt`."""
    import numpy as np

    shared, _ = _frame(len(prompt), len(factual), len(edited.kept))
    for before, after in _shared_words(prompt, factual):
        shared[before + 1, after + 1] = 1
    unknown = 1 - shared.sum(axis=0)
    kept = np.minimum(1, edited.kept + unknown @ edited.exchange)
    return Alignment(
        (shared @ edited.exchange).astype(np.float32),
        kept.astype(np.float32),
        (shared @ edited.old).astype(np.float32),
        edited.new,
    )


def _shared_words(some: Sequence[TokenSpan], others: Sequence[TokenSpan]) -> list[tuple[int, int]]:
    """Tokens that two wordings share: the longest runs first, in whatever order they stand.

    A single token is shared only where it occurs once in either rest: an article says
    nothing of which thing it belongs to.
    """
    left = [token.id for token in some]
    right = [token.id for token in others]
    pairs: list[tuple[int, int]] = []
    while True:
        block = SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
        if block.size < 2:
            break
        for number in range(block.size):
            pairs.append((block.a + number, block.b + number))
            # No token has such a number, so what is taken is never found again.
            left[block.a + number] = -1
            right[block.b + number] = -2
    singles = [
        (number, right.index(token))
        for number, token in enumerate(left)
        if left.count(token) == right.count(token) == 1
    ]
    return pairs + singles
