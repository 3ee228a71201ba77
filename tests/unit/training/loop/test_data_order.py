"""Which example comes when."""

from __future__ import annotations

from pipeline.training.loop.data_order import DataOrder


class TestOrder:
    def test_every_pass_shows_every_example_once_in_another_order(self) -> None:
        schedule = DataOrder(seed=3, examples=20)
        passes = [[schedule.example_at(20 * epoch + i) for i in range(20)] for epoch in range(3)]
        assert all(sorted(one) == list(range(20)) for one in passes)
        assert passes[0] != passes[1] != passes[2]
        assert [DataOrder(seed=4, examples=20).example_at(i) for i in range(20)] != passes[0]
