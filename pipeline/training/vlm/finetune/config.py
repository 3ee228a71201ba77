"""The configuration of the fine-tuning of a vision-language model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.config.base import LocalFolder, Section, flatten
from pipeline.config.loading import merge, nest, read_toml, validate_settings
from pipeline.core.ids import JsonValue
from pipeline.training.vlm.losses import OBJECTIVES
from pipeline.training.vlm.sample import KINDS

OPERATIONAL: Final = frozenset(
    {"output", "device", "run", "train.gradient_checkpointing", "checkpoints.every",
     "checkpoints.keep", "validation.batch_size"}
)  # fmt: skip
"""Keys that do not decide what is learned: a resume may alter them.

So may `validation.every`; it decides only when it is looked for the best weights.
"""


TRAINABLE: Final = tuple(name for name in OBJECTIVES if name != "neutral")
"""Losses that can be trained with: `neutral` by itself is least where all texts are one point, so
it only stands beside another, by `neutral_weight`."""


class SetsConfig(Section):
    """Which sets the training sees, and what of each."""

    split: Literal["train", "all"] = Field(
        "train", description="`train` holds out the anchors of the other splits; `all` nothing."
    )
    anchor: Literal["control", "factual", "either"] = Field(
        "control",
        description="Factual picture: drawn by the model that drew the counterfactuals, the "
        "anchor's own, or one of the two at random.",
    )
    kinds: tuple[str, ...] = Field((), description="Only edits of these kinds; all if empty.")
    max_edits: int = Field(4, ge=0, le=64, description="Most minimal edits of a set at once.")
    max_full: int = Field(1, ge=0, le=64, description="Most complete counterfactuals, likewise.")
    max_neutral: int = Field(
        1, ge=1, le=8, description="Most neutral variants, likewise; read with `neutral_weight`."
    )
    balance: bool = Field(
        True, description="Where there is a choice, take the kinds that were seen least."
    )
    shuffle_buffer: int = Field(256, ge=0, description="Sets to shuffle among, still encoded.")
    workers: int = Field(0, ge=0, le=256, description="Processes that read; 0: the training's own.")

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted({*kinds} - {*KINDS}):
            raise ValueError(f"no kinds: {', '.join(unknown)}; there are {', '.join(KINDS)}")
        return kinds


class LoraConfig(Section):
    """The low-rank weights of the method `lora`; they are merged in what is written."""

    rank: int = Field(16, ge=1, le=1024, description="Rank.")
    alpha: float | None = Field(None, gt=0, description="Strength is alpha / rank; rank if unset.")
    layers: str | None = Field(
        None,
        description="Pattern (regular expression) of the names of the layers that get them; the "
        "attention of both towers if unset, of open_clip's models the MLPs.",
    )


class TrainingConfig(Section):
    """The optimisation (AdamW)."""

    steps: int = Field(1000, ge=1, description="Optimiser steps.")
    batch_size: int = Field(64, ge=1, le=65536, description="Sets at once on one device.")
    accumulate: int = Field(
        1, ge=1, le=4096, description="Batches added up for one step; they see no common negatives."
    )
    learning_rate: float = Field(1e-5, gt=0, description="Highest learning rate.")
    schedule: Literal["constant", "linear", "cosine"] = Field(
        "cosine", description="How the rate falls to 0 after the warm-up, or does not."
    )
    warmup_steps: int = Field(50, ge=0, description="Steps in which the rate rises from 0.")
    weight_decay: float = Field(0.1, ge=0, description="AdamW's weight decay.")
    max_grad_norm: float = Field(1.0, gt=0, description="Longer gradients are shortened to it.")
    mixed_precision: Literal["auto", "no", "bf16", "fp16"] = Field(
        "auto", description="`auto`: bf16 on a GPU that has it, fp16 on others, else no."
    )
    gradient_checkpointing: bool = Field(
        False, description="Compute activations twice instead of keeping them: less memory."
    )


class CheckpointsConfig(Section):
    """States to go on from."""

    every: int = Field(200, ge=1, description="Steps between two checkpoints.")
    keep: int = Field(2, ge=1, le=100, description="Newest checkpoints kept.")


class ValidationConfig(Section):
    """The held-out sets by which the best weights are chosen."""

    every: int = Field(200, ge=0, description="Steps between two validations; 0: none.")
    split: Literal["validation", "test", "train"] = Field(
        "validation", description="Anchors that are looked at; hashed, so the same in every run."
    )
    most_sets: int = Field(1000, ge=1, description="Sets looked at.")
    batch_size: int = Field(32, ge=1, le=65536, description="Sets at once.")


class VlmConfig(Section):
    """Everything that decides the fine-tuning of a vision-language model."""

    run: str = Field("", description="Run directory, `shards.txt`, tars or a pattern of tars.")
    model: str = Field(
        "openai/clip-vit-base-patch32",
        description="CLIP or SigLIP by folder or hub id, `builtin:world`, or "
        "`open_clip:ARCHITECTURE/PRETRAINED`.",
    )
    revision: str | None = Field(None, description="Hub revision.")
    objective: str = Field("triplet_clip", description="The loss: " + ", ".join(TRAINABLE) + ".")
    weights: Mapping[str, float] = Field(
        default_factory=dict,
        description="Numbers of the loss by name, such as `edit_weight` or `scene_margin`.",
    )
    neutral_weight: float = Field(
        0.0,
        ge=0,
        description="Weight of the loss `neutral` beside the objective: the caption in other words "
        "must score as the caption does. Cosines differ by some hundredths, so try 10 to 100.",
    )
    method: Literal["full", "lora"] = Field(
        "full", description="`full` trains all weights, `lora` small ones beside them."
    )
    output: LocalFolder = Field(
        "outputs/trained-vlm", description="Folder of everything that is written."
    )
    device: Literal["auto", "cpu"] = Field(
        "auto", description="`auto`: what accelerate finds; `cpu` leaves a GPU alone."
    )
    seed: int = Field(0, ge=0, description="Of the order, the choices and the first weights.")
    sets: SetsConfig = SetsConfig()
    lora: LoraConfig = LoraConfig()
    train: TrainingConfig = TrainingConfig()
    checkpoints: CheckpointsConfig = CheckpointsConfig()
    validation: ValidationConfig = ValidationConfig()

    @field_validator("objective")
    @classmethod
    def _known(cls, objective: str) -> str:
        if objective not in TRAINABLE:
            if objective in OBJECTIVES:
                raise ValueError(
                    f"{objective!r} by itself makes all texts the same; set neutral_weight beside "
                    f"one of {', '.join(TRAINABLE)}"
                )
            raise ValueError(f"no loss is called {objective!r}; there are {', '.join(TRAINABLE)}")
        return objective

    @model_validator(mode="after")
    def _ends_after_its_warmup(self) -> VlmConfig:
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

    def product(self) -> dict[str, JsonValue]:
        """The keys that decide what is learned, as `section.key` → value, sorted."""
        flat = flatten(self.model_dump(mode="json"))
        dropped = set(OPERATIONAL)
        if self.train.schedule == "constant":
            dropped.add("train.steps")
        if self.method == "full":
            dropped |= {key for key in flat if key.startswith("lora.")}
        if not self.neutral_weight:
            dropped |= {"neutral_weight", "sets.max_neutral"}
        kept = {key: flat[key] for key in sorted(flat) if key not in dropped}
        return {key: value for key, value in kept.items() if not key.startswith("validation.")}


def load_vlm_config(flags: Mapping[str, Any], *, file: Path | None = None) -> VlmConfig:
    """Resolve the config: flags win over the file.

    Args:
        flags: `section.key` → value, only those that the user gave.
        file: TOML file, or None.

    Raises:
        ConfigError: Either is not valid.
    """
    tree = read_toml(file) if file else {}
    return validate_settings(VlmConfig, merge(tree, nest(flags)))
