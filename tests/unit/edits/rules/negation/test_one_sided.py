"""What a caption states, denied."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.negation.rule import NegationRule


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("the lighthouse rises from the wetlands.", "rises"),
        ("skiers embrace the warm temperatures during the first", "embrace"),
        ("musical artist rides into fashion week like a rock star", "rides"),
        ("pupils celebrate raising money for organisation", "celebrate"),
        ("the bus carrying the team is escorted by police", "carrying"),
        ("biker driving a motorcycle rides along the asphalt road.", "driving"),
        ("woman chatting on smart phone outside, female using mobile phone in the park", "using"),
        ("orange hibiscus flowers with a pale blue background", "with background"),
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
        ("girl with flying flag behind the back", "girl without flying flag behind the back"),
        ("farmers line the road", "farmers do not line the road"),
    ],
)
def test_a_thing_is_denied(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(NegationRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "a metal clipboard isolated on white with clipping path included.",
        "green basket with flowers of dandelions, roses and tulips",
    ],
)
def test_what_belongs_to_its_noun_is_not_denied(rewrite, factual: str) -> None:
    assert not any("without" in c or "with no" in c for c in rewrite(NegationRule(), factual))


@pytest.mark.parametrize(
    "text",
    [
        "a young surfer rides a wave .",
        "close up shot of a girl singing on a mic",
        "a man riding bicycle on the street",
    ],
)
def test_a_visible_action_is_denied(negated_pairs, text: str) -> None:
    assert any(" not " in caption for factual, caption in negated_pairs(text) if factual == text)


@pytest.mark.parametrize(
    "text",
    ["a church stands at dusk", "bottles stand in front of a screen", "a bear hangs its neck low"],
)
def test_what_does_not_move_by_itself_is_not_denied(rewrite, text: str) -> None:
    made = " ".join(rewrite(NegationRule(1), text))
    assert "does not" not in made
    assert "do not" not in made
