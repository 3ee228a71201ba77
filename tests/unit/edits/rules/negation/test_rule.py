"""Negations that are added, and where wordings on both sides stand back."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.negation.rule import NegationRule


@pytest.mark.parametrize(
    "text",
    [
        "a young surfer rides a wave .",
        "image may contain : person , on stage , playing a musical instrument and indoor",
        "close up shot of a girl singing on a mic",
        "a man riding bicycle on the street",
    ],
)
def test_a_visible_action_is_denied(negated_pairs, text: str) -> None:
    assert any(" not " in caption for factual, caption in negated_pairs(text) if factual == text)


@pytest.mark.parametrize("text", ["a church stands at dusk", "bottles stand in front of a screen"])
def test_buildings_are_not_denied_to_stand(rewrite, text: str) -> None:
    assert not any("not stand" in caption for caption in rewrite(NegationRule(1), text))


def test_a_hat_with_its_own_article_is_not_denied(rewrite) -> None:
    found = rewrite(NegationRule(), "handsome woman in the hat chatting with friends")
    assert found
    assert not any("woman not in" in caption for caption in found)
