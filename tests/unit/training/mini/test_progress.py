"""A training that is stopped goes on to the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.training.mini.progress import Training


def start(file: Path, steps: int = 20) -> tuple[torch.nn.Linear, Training]:
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 1)
    return layer, Training({"layer": layer}, file, steps=steps, rate=0.1, warm_up=3, average=0.9)


def train(layer: torch.nn.Linear, training: Training, until: int) -> list[float]:
    losses = []
    while training.step < until:
        generator = torch.Generator().manual_seed(training.step)
        inputs = torch.randn(8, 3, generator=generator)
        losses.append(
            training.update((layer(inputs) - inputs.sum(1, keepdim=True)).square().mean())
        )
    return losses


def test_stopped_in_between_it_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole, training = start(tmp_path / "whole.pt")
    losses = train(whole, training, 20)
    assert training.is_done
    assert losses[-1] < 0.5 * losses[0]
    first, training = start(tmp_path / "parts.pt")
    train(first, training, 7)
    training.save()
    second, training = start(tmp_path / "parts.pt")
    assert training.step == 7
    train(second, training, 20)
    assert torch.equal(second.weight, whole.weight)


def test_the_average_is_lent_and_given_back(tmp_path: Path) -> None:
    layer, training = start(tmp_path / "average.pt")
    train(layer, training, 10)
    trained = layer.weight.detach().clone()
    with training.averaged():
        assert not torch.equal(layer.weight, trained)
        averaged = layer.weight.detach().clone()
    assert torch.equal(layer.weight, trained)
    training.use_averages()
    assert torch.equal(layer.weight, averaged)


def test_the_rate_rises_and_then_falls(tmp_path: Path) -> None:
    layer, training = start(tmp_path / "rate.pt", steps=10)
    rates = []
    for step in range(10):
        train(layer, training, step + 1)
        rates.append(training._optimizer.param_groups[0]["lr"])
    assert rates[0] < rates[1] < rates[2]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(0.1 * 0.07, rel=0.1)
