"""Packs many token sequences into few forward passes without computing a shared prefix twice.

A caption and its edits begin alike. Laid out as a tree, every shared beginning is one row
of the batch: each token attends to its ancestors alone and stands at the position it has
in its own text, so that every text is read exactly as if it were alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TokenTree:
    """Several sequences as one tree; node 0 is the first token, which all of them share.

    Attributes:
        tokens: (nodes,) int64, token of each node; a parent comes before its children.
        parents: (nodes,) int64, index of the node before it; 0 for the root.
        depths: (nodes,) int64, position of the node in its own text.
        ends: (sequences,) int64, node of each sequence's last token.
    """

    tokens: NDArray[np.int64]
    parents: NDArray[np.int64]
    depths: NDArray[np.int64]
    ends: NDArray[np.int64]

    def visible(self) -> NDArray[np.bool_]:
        """(nodes, nodes): whether a node (row) may attend to another (column)."""
        visible = np.eye(len(self.tokens), dtype=np.bool_)
        for node in range(1, len(self.tokens)):
            visible[node] |= visible[self.parents[node]]
        return visible


def grow_trees(sequences: Sequence[Tokens], most_nodes: int) -> Iterator[tuple[range, TokenTree]]:
    """Cut sorted sequences into trees of at most `most_nodes` nodes.

    Args:
        sequences: Sorted, without repeats, not empty, all with the same first token.
        most_nodes: Size of a tree; a single longer sequence gets a tree of its own.

    Yields:
        The sequences' places, and their tree.
    """
    first = 0
    nodes = 0
    previous: Tokens = ()
    for place, sequence in enumerate(sequences):
        added = len(sequence) - _shared(previous, sequence)
        if previous and nodes + added > most_nodes:
            yield range(first, place), _grow(sequences[first:place])
            first, nodes, added = place, 0, len(sequence)
        nodes += added
        previous = sequence
    if previous:
        yield range(first, len(sequences)), _grow(sequences[first:])


def _grow(sequences: Sequence[Tokens]) -> TokenTree:
    tokens: list[int] = []
    parents: list[int] = []
    depths: list[int] = []
    ends: list[int] = []
    path: list[int] = []
    previous: Tokens = ()
    for sequence in sequences:
        del path[_shared(previous, sequence) :]
        for token in sequence[len(path) :]:
            parents.append(path[-1] if path else 0)
            depths.append(len(path))
            path.append(len(tokens))
            tokens.append(token)
        ends.append(path[-1])
        previous = sequence
    return TokenTree(
        tokens=np.array(tokens, np.int64),
        parents=np.array(parents, np.int64),
        depths=np.array(depths, np.int64),
        ends=np.array(ends, np.int64),
    )


def _shared(left: Tokens, right: Tokens) -> int:
    """Length of the common beginning."""
    for place, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return place
    return min(len(left), len(right))
