"""Noun phrases that change places whole."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.swap.rule import SwapRule
from tests.integration.edits.caption_edits import captions

pytestmark = pytest.mark.integration
RULE = SwapRule()


def test_articles_travel_with_the_phrase() -> None:
    assert "an elephant chasing a man" in captions(RULE, "a man chasing an elephant")


def test_a_phrase_is_not_torn_from_what_belongs_to_it() -> None:
    assert captions(RULE, "a dog chasing a man with a hat") == set()
