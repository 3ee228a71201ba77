"""The kinds of minimal edits: what each changes, its subkinds, and real examples.

The documentation's table of kinds is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.records import EditKind


@dataclass(frozen=True, slots=True)
class KindCard:
    """One kind of minimal edit, for a reader.

    Attributes:
        kind: The kind.
        description: One line: what changes, and what stays.
        subkinds: Finer labels, as `CaptionEdit.subkind` holds them; for `object` and
            `action` these are names of groups of the lexicon, of which a few are listed.
        examples: Three (factual, counterfactual) pairs.
    """

    kind: EditKind
    description: str
    subkinds: tuple[str, ...]
    examples: tuple[tuple[str, str], tuple[str, str], tuple[str, str]]


_CARDS = (
    KindCard(
        EditKind.OBJECT,
        "A visible thing becomes another of its kind that excludes it.",
        ("pets", "road_vehicles", "rooms", "instruments", "gender", "age_group"),
        (
            ("a dog lying on a rug", "a cat lying on a rug"),
            (
                "people wait on the street to see the parade",
                "people wait on the beach to see the parade",
            ),
            ("man playing the guitar in the park", "man playing the violin in the park"),
        ),
    ),
    KindCard(
        EditKind.ATTRIBUTE,
        "A visible quality of a thing becomes one that excludes it.",
        ("colour", "size", "material", "state", "shape", "pattern", "age", "age_group"),
        (
            ("a red trolley in the park", "a green trolley in the park"),
            ("man standing by a small airplane", "man standing by a large airplane"),
            ("a wooden bridge over a river", "a stone bridge over a river"),
        ),
    ),
    KindCard(
        EditKind.COUNT,
        "Another number of a visible thing, with the agreement that this demands.",
        ("number",),
        (
            ("a squirrel on a bench", "two squirrels on a bench"),
            ("three boats on a lake", "five boats on a lake"),
            ("monkeys walk down the road", "a single monkey walks down the road"),
        ),
    ),
    KindCard(
        EditKind.RELATION,
        "Two things stand in another place to each other.",
        ("left_right", "on_under", "behind_in_front_of", "in_outside", "next_to_on"),
        (
            ("a cat on a table", "a cat under a table"),
            ("cows grazing in a pasture", "cows grazing next to a pasture"),
            ("a crow looking off to the left", "a crow looking off to the right"),
        ),
    ),
    KindCard(
        EditKind.ACTION,
        "A body visibly does something else.",
        ("posture_of_people", "going_of_people", "faces", "instruments", "clothes"),
        (
            ("girl sitting on the stairs", "girl kneeling on the stairs"),
            ("a woman walks past a mural", "a woman dances past a mural"),
            ("cows grazing in a field", "cows running in a field"),
        ),
    ),
    KindCard(
        EditKind.NEGATION,
        "Something visible is denied, or what is denied changes.",
        ("one_sided", "both_sides"),
        (
            ("a man playing the saxophone", "a man not playing the saxophone"),
            (
                "the man rides a horse, not a bicycle",
                "the man rides a bicycle, not a horse",
            ),
            ("a house with a chimney", "a house without a chimney"),
        ),
    ),
    KindCard(
        EditKind.SWAP,
        "Two phrases exchange places, so that the same words say something else.",
        ("roles", "places", "colour"),
        (
            ("a man pulls a boy on a sledge", "a boy pulls a man on a sledge"),
            ("a red flower among white tulips", "a white flower among red tulips"),
            ("a woman in a blue dress and a red hat", "a woman in a red dress and a blue hat"),
        ),
    ),
    KindCard(
        EditKind.CAUSAL_ORDER,
        "Cause and effect exchange places.",
        ("cause_first", "effect_first"),
        (
            (
                "the street is wet because it rained",
                "it rained because the street is wet",
            ),
            (
                "heavy snow caused the roof to collapse",
                "the collapse of the roof caused heavy snow",
            ),
            (
                "the flooding is due to the broken dam",
                "the broken dam is due to the flooding",
            ),
        ),
    ),
)

TAXONOMY: Mapping[EditKind, KindCard] = {card.kind: card for card in _CARDS}
"""Card of every kind, in the order of :class:`~pipeline.core.records.EditKind`."""
