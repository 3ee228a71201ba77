"""Shares of a language model's tokens: an answer's tokens over the kinds that it proposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.core.stage import TokenShare

FULL = "full"
"""Kind under which complete counterfactuals count."""

NOTHING_READ = "none"
"""Kind under which an answer counts of which nothing could be read."""


def take_shares(
    stage: str, kinds: Sequence[str], tokens_in: int, tokens_out: int
) -> Iterator[TokenShare]:
    """Share an answer's tokens equally among all that it proposed; the sums stay exact.

    Args:
        stage: Stage that asked.
        kinds: Kind of each thing proposed, not empty; a kind proposed twice gets two shares.
        tokens_in: Tokens read for the answer.
        tokens_out: Tokens written.
    """
    parts = zip(parts_of(tokens_in, len(kinds)), parts_of(tokens_out, len(kinds)), strict=True)
    for kind, (read, written) in zip(kinds, parts, strict=True):
        yield TokenShare(stage, kind, read, written)


def sum_shares(shares: Iterable[TokenShare]) -> tuple[TokenShare, ...]:
    """One share for each stage and kind, sorted; those without tokens are left out."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for share in shares:
        read, written = sums.get((share.stage, share.kind), (0, 0))
        sums[share.stage, share.kind] = read + share.tokens_in, written + share.tokens_out
    return tuple(TokenShare(*key, *both) for key, both in sorted(sums.items()) if both != (0, 0))


def parts_of(number: int, parts: int) -> list[int]:
    """Whole parts that differ by one at most; the first ones are the larger."""
    least, rest = divmod(number, parts)
    return [least + (index < rest) for index in range(parts)]
