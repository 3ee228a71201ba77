"""The moving average is that of the formula, and lends itself to the network."""

from __future__ import annotations

import pytest
import torch

from pipeline.training.loop.average import Average


def weights(value: float) -> dict[str, torch.nn.Parameter]:
    return {"a": torch.nn.Parameter(torch.tensor([value, 2 * value]))}


def set_to(named: dict[str, torch.nn.Parameter], value: float) -> None:
    with torch.no_grad():
        named["a"].copy_(torch.tensor([value, 2 * value]))


def test_each_step_keeps_the_decay_that_grows_with_the_steps() -> None:
    named = weights(0.0)
    average = Average(named, 0.5)
    wanted = 0.0
    for step, value in enumerate((1.0, 4.0, -2.0, 3.0), start=1):
        set_to(named, value)
        average.step()
        # diffusers counts the decay from the step before.
        decay = min(0.5, step / (9 + step)) if step > 1 else 0.0
        wanted = decay * wanted + (1 - decay) * value
        assert average.tensors()["a"][0].item() == pytest.approx(wanted, abs=1e-6)
    assert average.steps == 4


def test_within_the_block_the_network_has_the_average() -> None:
    named = weights(1.0)
    average = Average(named, 0.9)
    average.step()
    set_to(named, 5.0)
    with average.applied():
        assert named["a"].tolist() == [1.0, 2.0]
    assert named["a"].tolist() == [5.0, 10.0]


def test_a_stored_average_goes_on_where_it_was() -> None:
    named = weights(1.0)
    first, second = Average(named, 0.9), Average(weights(7.0), 0.9)
    for value in (2.0, 3.0, 4.0):
        set_to(named, value)
        first.step()
    second.load({name: tensor.clone() for name, tensor in first.tensors().items()}, first.steps)
    assert second.steps == first.steps
    assert torch.equal(second.tensors()["a"], first.tensors()["a"])


def test_without_a_decay_the_weights_themselves_are_used() -> None:
    named = weights(1.0)
    average = Average(named, None)
    average.step()
    set_to(named, 5.0)
    assert (average.tensors(), average.steps) == ({}, 0)
    with average.applied():
        assert named["a"].tolist() == [5.0, 10.0]
