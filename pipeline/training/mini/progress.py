"""A training loop's state on disk: weights, their moving average, optimizer, step."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class Training:
    """Steps an optimizer over named modules, and can stop and go on at any step.

    The learning rate rises over `warm_up` steps and falls along a cosine to a twentieth at the
    last. The moving average of the weights is what is shipped.

    Attributes:
        step: Steps made so far.
    """

    def __init__(
        self,
        modules: dict[str, Any],
        file: Path,
        *,
        steps: int,
        rate: float,
        warm_up: int = 100,
        average: float = 0.999,
        weight_decay: float = 0.0,
    ) -> None:
        """Go on from `file` if it exists, else start."""
        import torch

        self.modules = modules
        self.step = 0
        self._file = file
        self._steps = steps
        self._rate = rate
        self._warm_up = warm_up
        self._average = average
        self._weights: dict[str, torch.Tensor] = {
            f"{name}.{path}": weight
            for name, module in modules.items()
            for path, weight in module.named_parameters()
            if weight.requires_grad
        }
        self._averages = {path: w.detach().clone() for path, w in self._weights.items()}
        self._optimizer = torch.optim.AdamW(
            self._weights.values(), rate, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True
        )
        if file.exists():
            self._load()

    @property
    def is_done(self) -> bool:
        """Whether every step is made."""
        return self.step >= self._steps

    def update(self, loss: torch.Tensor, processes: int = 1) -> float:
        """One step down the gradient of `loss`; returns its value.

        With several processes of `torch.distributed`, down the mean of their gradients.
        """
        import torch

        done = self.step / self._steps
        rate = self._rate * (0.05 + 0.95 * (0.5 + 0.5 * math.cos(math.pi * done)))
        for group in self._optimizer.param_groups:
            group["lr"] = rate * min(1.0, (self.step + 1) / self._warm_up)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if processes > 1:
            gradients = [w.grad for w in self._weights.values() if w.grad is not None]
            flat = torch.cat([gradient.flatten() for gradient in gradients])
            torch.distributed.all_reduce(flat)
            parts = torch.split(flat.div_(processes), [g.numel() for g in gradients])
            for gradient, part in zip(gradients, parts, strict=True):
                gradient.copy_(part.view_as(gradient))
        torch.nn.utils.clip_grad_norm_(self._weights.values(), 1.0)
        self._optimizer.step()
        self.step += 1
        # A short average at first, so that it is not the initial weights for long.
        keep = min(self._average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self._averages.values()), list(self._weights.values()), 1 - keep
            )
        return float(loss.detach())

    def save(self) -> None:
        """Write everything, so that a kill leaves the former file or this one."""
        import torch

        state = {
            "step": self.step,
            "weights": {path: weight.detach() for path, weight in self._weights.items()},
            "averages": self._averages,
            "optimizer": self._optimizer.state_dict(),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._file.with_suffix(".part")
        torch.save(state, scratch)
        os.replace(scratch, self._file)

    def _load(self) -> None:
        import torch

        state = torch.load(self._file, weights_only=True)
        self.step = state["step"]
        with torch.no_grad():
            for path, weight in self._weights.items():
                weight.copy_(state["weights"][path])
        self._averages = state["averages"]
        self._optimizer.load_state_dict(state["optimizer"])

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Lend the modules the averaged weights."""
        import torch

        trained = {path: weight.detach().clone() for path, weight in self._weights.items()}
        self.use_averages()
        try:
            yield
        finally:
            with torch.no_grad():
                for path, weight in self._weights.items():
                    weight.copy_(trained[path])

    def use_averages(self) -> None:
        """Put the averaged weights into the modules, for good."""
        import torch

        with torch.no_grad():
            for path, weight in self._weights.items():
                weight.copy_(self._averages[path])
