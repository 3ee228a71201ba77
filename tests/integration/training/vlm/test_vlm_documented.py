"""The loop of the documentation trains on a run, with names of `counterfactory` alone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration

PAGE = Path(__file__).resolve().parents[4] / "docs" / "training.md"


class Towers(torch.nn.Module):
    """The least that has the parts that the documentation names."""

    def __init__(self) -> None:
        super().__init__()
        self.pixels = torch.nn.Linear(3 * 8 * 8, 4)
        self.words = torch.nn.EmbeddingBag(64, 4)
        self.logit_scale = torch.nn.Parameter(torch.tensor(1.0))

    def encode_image(self, pictures: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.pixels(pictures.flatten(1))
        return found

    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.words(tokens)
        return found


def preprocess(picture: Image.Image) -> torch.Tensor:
    pixels = np.asarray(picture.resize((8, 8)), dtype=np.float32)
    return torch.from_numpy(pixels.transpose(2, 0, 1) / 255)


def tokenizer(texts: list[str]) -> torch.Tensor:
    rows = [[sum(map(ord, word)) % 64 for word in text.split()][:8] for text in texts]
    return torch.tensor([row + [0] * (8 - len(row)) for row in rows])


def test_the_documented_loop_gives_gradients(tmp_path: Path) -> None:
    run = write_scored_run(tmp_path / "run", Wanted(sets=40, control_least=-1.0)).root
    codes = re.findall(r"```py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    code = next(code for code in codes if "CounterfactualDataset" in code)
    code = code.replace("outputs/cc3m", str(run)).replace("num_workers=4", "num_workers=0")
    model = Towers()
    names = {"preprocess": preprocess, "tokenizer": tokenizer, "model": model}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - our own page
    for part in (model.pixels, model.words):
        assert part.weight.grad is not None
        assert part.weight.grad.abs().sum() > 0
