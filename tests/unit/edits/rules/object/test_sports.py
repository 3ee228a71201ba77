"""The sport of players and games."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.sports import SportsRule


def test_games(rewrite) -> None:
    found = rewrite(SportsRule(), "images from the girls basketball game.")
    assert "images from the girls volleyball game." in found
    assert "fans attend the baseball game." in rewrite(
        SportsRule(), "fans attend the football game."
    )


@pytest.mark.parametrize(
    "factual",
    [
        "football match on the beach and a dog",
        "person makes a save during their soccer match against constitutional republic",
        "cricket player plays a shot during the cricket match.",
        "pitcher throws against sports team during the first inning of a baseball game",
    ],
)
def test_games_that_stay(rewrite, factual: str) -> None:
    assert rewrite(SportsRule(), factual) == []


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("rugby player in action during a training session",
         "tennis player in action during a training session"),
        ("american football player warms up before a game",
         "tennis player warms up before a game"),
        ("basketball player during the game", "ice hockey player during the game"),
        ("a tennis player celebrating after winning a match",
         "an ice hockey player celebrating after winning a match"),
    ],
)  # fmt: skip
def test_sports(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(SportsRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "soccer player is beaten to the ball by soccer player",
        "football player scores a goal during the match",
        "football player arrives for the party",
        "rugby player with soccer player after the match",
    ],
)
def test_sports_that_stay(rewrite, factual: str) -> None:
    assert rewrite(SportsRule(), factual) == []
