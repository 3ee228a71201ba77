"""A real training of a tiny model, looked at from several sides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open

from pipeline.adapters.sdxl.renderer import open_renderer
from pipeline.adapters.sdxl.tiny import NATIVE_SIZE_PX
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import PermanentError
from pipeline.training.sdxl.config import FinetuneConfig, load_finetune_config
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.run import run_finetuning
from pipeline.training.sdxl.validation import LABEL_PX, MARGIN_PX
from tests.integration.finetune.conftest import small_training

pytestmark = pytest.mark.integration

PROMPTS = ("a red wall", "a blue sky")
SEEDS = (5, 6)
DRAWING = {"steps": 4, "guidance_scale": 3.0}
EVERYWHERE = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.2", "conv1", "conv2", "conv_out"]

Picture = np.ndarray[Any, np.dtype[np.uint8]]


@pytest.fixture(scope="module")
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


def draw(**settings: Any) -> dict[tuple[str, int], Picture]:
    """What the project's own renderer draws."""
    size = {"width_px": NATIVE_SIZE_PX, "height_px": NATIVE_SIZE_PX}
    renderer = open_renderer(
        ImagesConfig(renderer="sdxl", device="cpu", **DRAWING, **size, **settings)
    )
    wanted = [(prompt, seed) for prompt in PROMPTS for seed in SEEDS]
    pictures = renderer.draw(
        [Draw("a", f"min{i}", p, s, "independent") for i, (p, s) in enumerate(wanted)]
    )
    renderer.close()
    return dict(zip(wanted, pictures, strict=True))


def cells(grid: Path) -> dict[tuple[str, int], Picture]:
    """The pictures of a validation grid."""
    with Image.open(grid) as image:
        pixels = np.asarray(image.convert("RGB"))
    found = {}
    for y, prompt in enumerate(PROMPTS):
        for x, seed in enumerate(SEEDS):
            top = MARGIN_PX + y * (NATIVE_SIZE_PX + MARGIN_PX + LABEL_PX) + LABEL_PX
            left = MARGIN_PX + x * (NATIVE_SIZE_PX + MARGIN_PX)
            found[prompt, seed] = pixels[top : top + NATIVE_SIZE_PX, left : left + NATIVE_SIZE_PX]
    return found


def difference(one: dict[Any, Picture], other: dict[Any, Picture]) -> float:
    """Largest difference of any value in any picture, of 255."""
    assert one.keys() == other.keys()
    return max(float(np.abs(one[k].astype(int) - other[k].astype(int)).max()) for k in one)


Trained = tuple[FinetuneConfig, FinetuneOutcome]


def test_the_loss_falls_well(trained: Trained) -> None:
    losses = trained[1].losses
    assert len(losses) == 90
    assert mean(losses[-15:]) < 0.55 * mean(losses[:10])
    journal = (trained[0].folder / "losses.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["step"] for line in journal] == list(range(1, 91))
    assert [json.loads(line)["loss"] for line in journal] == list(losses)


def test_the_renderer_draws_with_it_what_the_last_grid_shows(trained: Trained) -> None:
    """So rank, alpha, averaged weights and names are all written as they were trained."""
    config, outcome = trained
    plain = draw(model=config.model)
    tuned = draw(model=config.model, lora=({"path": str(config.folder)},))
    assert outcome.grid is not None
    assert difference(tuned, cells(outcome.grid)) <= 2
    assert difference(plain, cells(config.folder / "validation" / "step-000000.png")) <= 2
    assert difference(tuned, plain) > 60


def test_it_learned_the_colours(trained: Trained) -> None:
    grid = trained[1].grid
    assert grid is not None
    drawn = cells(grid)
    for seed in SEEDS:
        red, blue = (drawn[prompt, seed].mean(axis=(0, 1)) for prompt in PROMPTS)
        assert red[0] - red[2] > blue[0] - blue[2], "the red wall is redder than the blue sky"


def test_a_grid_came_every_so_many_steps_and_at_the_end(trained: Trained) -> None:
    names = sorted(path.name for path in (trained[0].folder / "validation").iterdir())
    assert names == ["step-000000.png", "step-000060.png", "step-000090.png"]


def test_a_checkpoint_can_be_drawn_with_and_the_last_two_are_kept(trained: Trained) -> None:
    config, _ = trained
    kept = sorted(path.name for path in (config.folder / "checkpoints").iterdir())
    assert kept == ["step-000080", "step-000090"]
    last = config.folder / "checkpoints" / "step-000090"
    final = draw(model=config.model, lora=({"path": str(config.folder)},))
    assert difference(draw(model=config.model, lora=({"path": str(last)},)), final) == 0


def test_the_file_is_plain_float32_with_its_settings(trained: Trained) -> None:
    config, outcome = trained
    assert outcome.weights == config.folder / "pytorch_lora_weights.safetensors"
    with safe_open(outcome.weights, "pt") as file:
        assert all(name.startswith("unet.") for name in file.keys())  # noqa: SIM118
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F32"}  # noqa: SIM118
        settings = json.loads(file.metadata()["lora_adapter_metadata"])
    assert (settings["unet.r"], settings["unet.lora_alpha"]) == (8, 12.0)


def test_all_weights_become_a_pipeline_folder(make_config: Callable[..., FinetuneConfig]) -> None:
    config = make_config(
        method="full",
        train__steps=3,
        train__learning_rate=1e-3,
        train__ema_decay=None,
        validation__every=3,
        validation__prompts=list(PROMPTS),
        validation__seeds=list(SEEDS),
        validation__steps=DRAWING["steps"],
        validation__guidance_scale=DRAWING["guidance_scale"],
    )
    outcome = run_finetuning(config)
    assert outcome.weights == config.folder / "model"
    assert outcome.trained > 1_000_000
    assert outcome.grid is not None
    tuned = draw(model=str(outcome.weights))
    assert difference(tuned, cells(outcome.grid)) <= 2
    assert difference(tuned, draw(model=config.model)) > 20
    for part in ("vae", "text_encoder", "text_encoder_2", "tokenizer", "scheduler"):
        for file in (Path(config.model) / part).iterdir():
            assert (outcome.weights / part / file.name).read_bytes() == file.read_bytes()


def test_bfloat16_trains_float32_weights(make_config: Callable[..., FinetuneConfig]) -> None:
    config = make_config(train__mixed_precision="bf16", train__steps=2, export__dtype="float16")
    outcome = run_finetuning(config)
    assert all(np.isfinite(outcome.losses))
    newest = config.folder / "checkpoints" / "step-000002" / "weights.safetensors"
    with safe_open(newest, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F32"}  # noqa: SIM118
    with safe_open(outcome.weights, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_the_models_own_prediction_type_is_trained(
    make_config: Callable[..., FinetuneConfig],
    learner: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prediction: str,
) -> None:
    import shutil

    import torch

    from pipeline.training.sdxl.objective import Objective

    model = tmp_path / "model"
    shutil.copytree(learner, model)
    settings = model / "scheduler" / "scheduler_config.json"
    text = json.loads(settings.read_text("utf-8")) | {"prediction_type": prediction}
    settings.write_text(json.dumps(text), "utf-8")
    seen = []

    def spy(self: Objective, batch: Any) -> torch.Tensor:
        seen.append((batch, real(self, batch)))
        return seen[-1][1]

    real = Objective.target
    monkeypatch.setattr(Objective, "target", spy)
    run_finetuning(make_config(model=str(model), train__steps=1))
    batch, target = seen[0]
    # x_t = a x0 + s e, v = a e - s x0, from the schedule's own numbers.
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    a2 = torch.cumprod(1 - betas, 0)[batch.timesteps].view(-1, 1, 1, 1)
    velocity = a2.sqrt() * batch.noise - (1 - a2).sqrt() * batch.latents
    wanted = batch.noise if prediction == "epsilon" else velocity
    assert torch.allclose(target, wanted, atol=1e-4)


def test_a_training_that_diverges_says_so(make_config: Callable[..., FinetuneConfig]) -> None:
    config = make_config(train__learning_rate=1e30, train__steps=20)
    with pytest.raises(PermanentError, match=r"has diverged.*train\.learning_rate"):
        run_finetuning(config)
