"""Rates on a clock that jumps, so that nothing depends on the machine's speed."""

from __future__ import annotations

import asyncio
import selectors

import pytest

from pipeline.adapters.llm.rate_limit import RateLimit


class JumpingClock(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time but the clock moves."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())
        self._now = 1000.0
        select = self._selector.select

        def jump(timeout=None):
            # A tick besides: a real clock moves on too, and rounding must not stand still.
            self._now += (timeout or 0.0) + 1e-6
            return select(0)

        self._selector.select = jump

    def time(self) -> float:
        return self._now


def admitted_at(limit_args, tokens: list[int]) -> list[float]:
    """Seconds after the start at which each of several concurrent requests may go."""
    loop = JumpingClock()
    times: list[float] = []

    async def run() -> None:
        limit = RateLimit(*limit_args)
        start = loop.time()

        async def one(size: int) -> None:
            await limit.admit(size)
            times.append(loop.time() - start)

        await asyncio.gather(*[one(size) for size in tokens])

    try:
        loop.run_until_complete(run())
    finally:
        loop.close()
    return sorted(times)


def most_within(times: list[float], window_s: float) -> int:
    return max(sum(start <= t < start + window_s for t in times) for start in times)


def test_without_limits_all_go_at_once() -> None:
    assert admitted_at((None, None), [100] * 50) == pytest.approx([0.0] * 50, abs=0.01)


@pytest.mark.parametrize("per_minute", [6, 60, 600])
def test_no_minute_holds_more_requests_than_allowed(per_minute: int) -> None:
    times = admitted_at((per_minute, None), [1] * (3 * per_minute))
    # The bucket holds one second's worth (at least one request) on top of the steady flow.
    burst = max(1, per_minute // 60)
    assert most_within(times, 60.0) <= per_minute + burst
    assert times[-1] == pytest.approx(180.0 - burst * 60 / per_minute, abs=0.1), "and no slower"


def test_tokens_are_limited_by_their_sum() -> None:
    times = admitted_at((None, 6000), [50, 1000, 50, 2000, 900])
    assert times[-1] == pytest.approx((4000 - 100) / 100, abs=0.1)


def test_a_request_larger_than_a_minute_still_goes() -> None:
    (time,) = admitted_at((None, 600), [1200])
    assert time == pytest.approx((1200 - 10) / 10, abs=0.1)


def test_a_large_request_is_not_overtaken_for_ever() -> None:
    loop = JumpingClock()
    order: list[int] = []

    async def run() -> None:
        limit = RateLimit(None, 600)

        async def one(size: int) -> None:
            await limit.admit(size)
            order.append(size)

        await asyncio.gather(one(10), one(500), *[one(10) for _ in range(20)])

    try:
        loop.run_until_complete(run())
    finally:
        loop.close()
    assert order[:2] == [10, 500]
