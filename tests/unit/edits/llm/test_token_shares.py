"""How an answer's tokens are shared among the kinds that it proposed."""

from __future__ import annotations

import pytest

from pipeline.core.stage import TokenShare
from pipeline.edits.llm.token_shares import sum_shares, take_shares


@pytest.mark.parametrize("tokens", [(0, 0), (1, 0), (100, 20), (101, 7)])
def test_nothing_is_lost_or_added(tokens: tuple[int, int]) -> None:
    shares = list(take_shares("edits", ["object", "count", "object"], *tokens))
    assert sum(share.tokens_in for share in shares) == tokens[0]
    assert sum(share.tokens_out for share in shares) == tokens[1]


def test_every_thing_proposed_gets_an_equal_share() -> None:
    shares = take_shares("edits", ["object", "count", "object"], 90, 30)
    assert sum_shares(shares) == (
        TokenShare("edits", "count", 30, 10),
        TokenShare("edits", "object", 60, 20),
    )


def test_shares_without_tokens_are_left_out() -> None:
    assert sum_shares(take_shares("edits", ["object"], 0, 0)) == ()
