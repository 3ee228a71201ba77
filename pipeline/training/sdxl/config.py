"""The configuration of a fine-tuning: validated, without secrets, and with a fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from pipeline.config.base import LocalFolder, Section, flatten
from pipeline.config.images import DEFAULT_SDXL
from pipeline.config.loading import merge, nest, read_toml, validate_settings
from pipeline.config.source import SourceConfig
from pipeline.core.ids import JsonValue

OPERATIONAL = frozenset(
    {
        "output",
        "device",
        "data.cache",
        "pictures.encode_batch",
        "train.gradient_checkpointing",
        "checkpoints.every",
        "checkpoints.keep",
        "export.dtype",
    }
)
"""Keys that do not decide what is learned: a resume may alter them.

So may all of `validation`, and `train.steps` where the learning rate does not depend on it.
"""

Variant = Literal["factual", "control", "minimal", "full"]


class ShardsConfig(Section):
    """The project's own shards as the data, instead of a source."""

    run: str | None = Field(
        None,
        description="Run directory, or one .tar of it, to learn from; `source` is read if unset.",
    )
    variants: tuple[Variant, ...] = Field(
        ("factual", "control", "minimal", "full"),
        min_length=1,
        description="Which pictures of a set to learn from, each with its own caption.",
    )
    cache: LocalFolder | None = Field(
        None,
        description="Folder of cached latents and text embeddings, which runs may share; "
        "`<output>/cache` if unset.",
    )


class PicturesConfig(Section):
    """How pictures are cut to the size that is learned."""

    width_px: int = Field(1024, ge=8, le=4096, multiple_of=8, description="Width learned.")
    height_px: int = Field(1024, ge=8, le=4096, multiple_of=8, description="Height learned.")
    crop: Literal["center", "random"] = Field(
        "center",
        description="Where a scaled picture is cut; the model is told the place. Pictures are "
        "never mirrored, because captions say left and right.",
    )
    crops: int = Field(1, ge=1, le=64, description="Different random crops of each picture.")
    encode_batch: int = Field(4, ge=1, le=256, description="Pictures encoded at once.")

    @model_validator(mode="after")
    def _several_crops_differ(self) -> PicturesConfig:
        if self.crops > 1 and self.crop == "center":
            raise ValueError(
                f"crops is {self.crops}, but all center crops are the same; use random"
            )
        return self


class LoraTrainingConfig(Section):
    """The low-rank weights that are trained beside the model's own."""

    rank: int = Field(16, ge=1, le=1024, description="Rank.")
    alpha: float | None = Field(None, gt=0, description="Strength is alpha / rank; rank if unset.")
    layers: tuple[str, ...] = Field(
        ("to_q", "to_k", "to_v", "to_out.0"),
        min_length=1,
        description="Ends of the names of the UNet's layers that get LoRA weights.",
    )


class TrainConfig(Section):
    """The optimisation (AdamW)."""

    steps: int = Field(1000, ge=1, description="Optimiser steps.")
    batch_size: int = Field(1, ge=1, le=1024, description="Examples at once on one device.")
    accumulate: int = Field(
        4, ge=1, le=4096, description="Batches added up for one step (gradient accumulation)."
    )
    learning_rate: float = Field(1e-4, gt=0, description="Highest learning rate.")
    schedule: Literal["constant", "linear", "cosine"] = Field(
        "constant", description="How the rate falls to 0 after the warm-up, or does not."
    )
    warmup_steps: int = Field(100, ge=0, description="Steps in which the rate rises from 0.")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's weight decay.")
    max_grad_norm: float = Field(1.0, gt=0, description="Longer gradients are shortened to it.")
    min_snr_gamma: float | None = Field(
        5.0, gt=0, description="Min-SNR weighting (arXiv 2303.09556); off if null."
    )
    offset_noise: float = Field(
        0.0, ge=0, le=1, description="Strength of noise that is equal over a whole channel."
    )
    caption_dropout: float = Field(
        0.1, ge=0, le=1, description="Share of examples learned without caption, for guidance."
    )
    ema_decay: float | None = Field(
        0.999,
        ge=0,
        lt=1,
        description="Moving average of the trained weights, which is what is validated and "
        "written; off if null.",
    )
    mixed_precision: Literal["auto", "no", "bf16", "fp16"] = Field(
        "auto", description="`auto`: bf16 on a GPU that has it, fp16 on others, else no."
    )
    gradient_checkpointing: bool = Field(
        True, description="Compute activations twice instead of keeping them: less memory."
    )


class CheckpointsConfig(Section):
    """States to go on from."""

    every: int = Field(500, ge=1, description="Steps between two checkpoints.")
    keep: int = Field(2, ge=1, le=100, description="Newest checkpoints kept.")


class ValidationConfig(Section):
    """The grid of pictures that shows how the training goes."""

    every: int = Field(500, ge=0, description="Steps between two grids; 0 draws none.")
    prompts: tuple[str, ...] = Field(
        (), max_length=16, description="A row of the grid each; the first captions if empty."
    )
    seeds: tuple[int, ...] = Field(
        (0, 1, 2), min_length=1, max_length=16, description="A column of the grid each."
    )
    steps: int = Field(20, ge=1, le=1000, description="Denoising steps.")
    guidance_scale: float = Field(6.0, ge=0, description="Classifier-free guidance; ≤ 1 is off.")


class ExportConfig(Section):
    """What is written at the end."""

    dtype: Literal["float32", "float16", "bfloat16"] = Field(
        "float32", description="Number format of the written weights; checkpoints keep float32."
    )


class FinetuneConfig(Section):
    """Everything that decides a fine-tuning."""

    method: Literal["lora", "full"] = Field(
        "lora", description="`lora` trains small weights beside the model's, `full` the UNet."
    )
    model: str = Field(
        DEFAULT_SDXL, description="Folder or hub id of the SDXL pipeline to start from."
    )
    revision: str | None = Field(None, description="Hub revision.")
    output: LocalFolder = Field(
        "outputs/finetuned", description="Folder of everything that is written."
    )
    device: Literal["auto", "cpu"] = Field(
        "auto", description="`auto`: what accelerate finds; `cpu` leaves a GPU alone."
    )
    seed: int = Field(0, ge=0, description="Order, crops, noise and first weights come from it.")
    source: SourceConfig = SourceConfig()
    data: ShardsConfig = ShardsConfig()
    pictures: PicturesConfig = PicturesConfig()
    lora: LoraTrainingConfig = LoraTrainingConfig()
    train: TrainConfig = TrainConfig()
    checkpoints: CheckpointsConfig = CheckpointsConfig()
    validation: ValidationConfig = ValidationConfig()
    export: ExportConfig = ExportConfig()

    @model_validator(mode="after")
    def _ends_after_its_warmup(self) -> FinetuneConfig:
        train = self.train
        if train.schedule != "constant" and train.warmup_steps >= train.steps:
            raise ValueError(
                f"train.warmup_steps is {train.warmup_steps}, which leaves none of the "
                f"{train.steps} steps for the {train.schedule} schedule"
            )
        return self

    @property
    def folder(self) -> Path:
        """Folder of everything that is written."""
        return Path(self.output).expanduser()

    @property
    def cache_folder(self) -> Path:
        """Folder of cached latents and text embeddings."""
        return Path(self.data.cache).expanduser() if self.data.cache else self.folder / "cache"

    def product(self) -> dict[str, JsonValue]:
        """The keys that decide what is learned, as `section.key` → value, sorted.

        Where the data lie is not among them: what they are is compared by their content.
        """
        flat = flatten(self.model_dump(mode="json"))
        dropped = set(OPERATIONAL) | {"data.run"}
        if self.train.schedule == "constant":
            dropped.add("train.steps")
        if self.method == "full":
            dropped |= {key for key in flat if key.startswith("lora.")}
        free = ("validation.", "source.")
        return {
            key: flat[key]
            for key in sorted(flat)
            if key not in dropped and not key.startswith(free)
        }


def load_finetune_config(flags: Mapping[str, Any], *, file: Path | None = None) -> FinetuneConfig:
    """Resolve the config of a fine-tuning: flags win over the file.

    Args:
        flags: `section.key` → value, only those that the user gave.
        file: TOML file, or None.

    Raises:
        ConfigError: Either is not valid.
    """
    tree = read_toml(file) if file else {}
    return validate_settings(FinetuneConfig, merge(tree, nest(flags)))
