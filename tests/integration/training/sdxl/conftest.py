"""A real, tiny SDXL and a handful of pictures to learn."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.adapters.sdxl.tiny import NATIVE_SIZE_PX, build_tiny_sdxl
from pipeline.training.sdxl.config import FinetuneConfig, load_finetune_config
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.run import run_finetuning
from tests.integration.training.sdxl.drawn import DRAWING, PROMPTS, SEEDS

COLOURS = {
    "a red wall": (220, 30, 30),
    "a blue sky": (30, 30, 220),
    "a green field": (30, 200, 30),
    "a yellow door": (230, 220, 40),
}

MakeConfig = Callable[..., FinetuneConfig]


def png(colour: tuple[int, int, int], width_px: int = 96, height_px: int = 80) -> bytes:
    """One colour that gets darker downwards."""
    rows = np.linspace(1.0, 0.5, height_px)[:, None, None] * np.array(colour)
    pixels = np.broadcast_to(rows, (height_px, width_px, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """The miniature gains nothing from a second thread, and loses much on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature SDXL with an autoencoder that is sure of its latents, as trained ones are.

    With random weights its latents would be mostly noise, which nothing can learn.
    """
    import torch
    from diffusers import AutoencoderKL

    folder = tmp_path_factory.mktemp("learner") / "tiny"
    build_tiny_sdxl(folder)
    vae = AutoencoderKL.from_pretrained(folder / "vae")
    with torch.no_grad():
        vae.quant_conv.weight[4:] = 0
        vae.quant_conv.bias[4:] = -20
    vae.save_pretrained(folder / "vae")
    return folder


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of captions and picture files."""
    folder = tmp_path_factory.mktemp("table")
    with (folder / "pictures.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["caption", "picture"])
        for number, (caption, colour) in enumerate(COLOURS.items()):
            (folder / f"{number}.png").write_bytes(png(colour))
            writer.writerow([caption, f"{number}.png"])
    return folder / "pictures.csv"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same pictures as a WebDataset."""
    path = tmp_path_factory.mktemp("archive") / "000.tar"
    with tarfile.open(path, "w") as tar:
        for number, (caption, colour) in enumerate(COLOURS.items()):
            for suffix, data in (("png", png(colour)), ("txt", caption.encode())):
                entry = tarfile.TarInfo(f"{number:03d}.{suffix}")
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    return path


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Latents and embeddings, encoded once for all trainings here."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def make_config(learner: Path, table: Path, shared_cache: Path, tmp_path: Path) -> MakeConfig:
    """A short training on the table; keywords change it, with `__` for the dot."""

    def make(**changes: Any) -> FinetuneConfig:
        flags = small_training(learner, table, shared_cache, tmp_path / "out")
        return load_finetune_config(
            flags | {key.replace("__", "."): value for key, value in changes.items()}
        )

    return make


def small_training(learner: Path, table: Path, cache: Path, output: Path) -> dict[str, Any]:
    return {
        "model": str(learner),
        "output": str(output),
        "device": "cpu",
        "source.kind": "tabular",
        "source.input": str(table),
        "source.image_column": "picture",
        "data.cache": str(cache),
        "pictures.width_px": NATIVE_SIZE_PX,
        "pictures.height_px": NATIVE_SIZE_PX,
        "train.steps": 4,
        "train.batch_size": 2,
        "train.accumulate": 1,
        "train.learning_rate": 5e-3,
        "train.warmup_steps": 0,
        "validation.every": 0,
    }


EVERYWHERE = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.2", "conv1", "conv2", "conv_out"]


@pytest.fixture(scope="session")
def trained(
    learner: Path, table: Path, shared_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FinetuneConfig, FinetuneOutcome]:
    """A LoRA that had time to learn four pictures; alpha is not the rank on purpose."""
    flags = small_training(learner, table, shared_cache, tmp_path_factory.mktemp("lora") / "out")
    flags |= {
        "train.steps": 90,
        "train.batch_size": 4,
        "train.learning_rate": 1e-2,
        "train.min_snr_gamma": None,
        "train.caption_dropout": 0.05,
        "train.ema_decay": 0.9,
        "train.gradient_checkpointing": False,
        "lora.rank": 8,
        "lora.alpha": 12.0,
        "lora.layers": EVERYWHERE,
        "checkpoints.every": 40,
        "validation.every": 60,
        "validation.prompts": list(PROMPTS),
        "validation.seeds": list(SEEDS),
        "validation.steps": DRAWING["steps"],
        "validation.guidance_scale": DRAWING["guidance_scale"],
    }
    config = load_finetune_config(flags)
    return config, run_finetuning(config)
