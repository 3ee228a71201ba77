"""Things that are denied."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.negation.rule import NegationRule


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("before sunset behind the long trees", "behind"),
        ("stores under the bumper when not in use", "under"),
        ("galleries are in a historic building", "in"),
        ("the lighthouse rises from the wetlands.", "rises"),
        ("skiers embrace the warm temperatures during the first", "embrace"),
        ("musical artist rides into fashion week like a rock star", "rides"),
        ("pupils celebrate raising money for organisation", "celebrate"),
        ("the bus carrying the team is escorted by police", "carrying"),
        ("biker driving a motorcycle rides along the asphalt road.", "driving"),
        ("woman chatting on smart phone outside, female using mobile phone in the park", "using"),
        ("orange hibiscus flowers with a pale blue background", "with background"),
        ("tourist with camera take a picture", "with camera"),
        ("young woman on a bench talking with a mobile phone.", "with phone"),
        ("a child draws with colored pencil on paper.", "with pencil"),
        ("a man toasting drinks with his friends at a party", "with friend"),
        ("interior of an airplane with many seats", "with seat"),
    ],
)
def test_a_thing_that_the_caption_needs_is_not_denied(negated_words, text: str, old: str) -> None:
    assert old not in {said for said, _ in negated_words(text)}


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("team photo with the coach", "team photo without the coach"),
        ("musical artist with a glass of water", "musical artist without a glass of water"),
        ("girl with flying flag behind the back", "girl with no flying flag behind the back"),
        ("farmers line the road", "farmers do not line the road"),
    ],
)
def test_a_thing_is_denied(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(NegationRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "museum with the town in the background",
        "a metal clipboard isolated on white with clipping path included.",
        "green basket with flowers of dandelions, roses and tulips",
    ],
)
def test_what_belongs_to_its_noun_is_not_denied(rewrite, factual: str) -> None:
    assert not any("without" in c or "with no" in c for c in rewrite(NegationRule(), factual))
