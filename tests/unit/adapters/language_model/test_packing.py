"""Sequences with shared beginnings laid out as trees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.language_model.packing import TokenTree, grow_trees


def paths(tree: TokenTree) -> list[tuple[int, ...]]:
    """The sequences that the tree holds, read from their ends to the root."""
    found = []
    for end in tree.ends:
        node, path = int(end), []
        while True:
            path.append(int(tree.tokens[node]))
            if not tree.depths[node]:
                break
            node = int(tree.parents[node])
        found.append(tuple(reversed(path)))
    return found


@given(
    rests=st.sets(st.lists(st.integers(1, 3), max_size=6).map(tuple), min_size=1, max_size=12),
    most_nodes=st.integers(1, 40),
)
def test_every_sequence_is_in_a_tree_that_is_small_enough(
    rests: set[tuple[int, ...]], most_nodes: int
) -> None:
    sequences = sorted((0, *rest) for rest in rests)
    found: list[tuple[int, ...]] = []
    for places, tree in grow_trees(sequences, most_nodes):
        assert paths(tree) == sequences[places.start : places.stop]
        found += paths(tree)
        # Only a sequence that is too long by itself makes a larger tree.
        assert len(tree.tokens) <= max(most_nodes, *map(len, sequences[places.start : places.stop]))
        for node in range(1, len(tree.tokens)):
            assert tree.parents[node] < node
            assert tree.depths[node] == tree.depths[tree.parents[node]] + 1
    assert found == sequences


def test_a_shared_beginning_is_stored_once() -> None:
    ((_, tree),) = grow_trees([(0, 1, 2), (0, 1, 3)], 100)
    assert tree.tokens.tolist() == [0, 1, 2, 3]
    assert tree.parents.tolist() == [0, 0, 1, 1]
    assert tree.ends.tolist() == [2, 3]


def test_a_node_attends_to_its_own_path_alone() -> None:
    ((_, tree),) = grow_trees([(0, 1, 2), (0, 1, 3)], 100)
    assert tree.visible().astype(int).tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [1, 1, 1, 0],
        [1, 1, 0, 1],
    ]


@pytest.mark.parametrize("most_nodes", [1, 100])
def test_nothing_makes_no_tree(most_nodes: int) -> None:
    assert list(grow_trees([], most_nodes)) == []
