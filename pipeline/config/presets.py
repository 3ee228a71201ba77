"""Ready sets of image settings: `quality`, and `draft` for each family of distilled weights.

The size that is left open is the model's own, where its name or its folder says which.

A preset fills only what the user left open; what the user set must fit it. The values are
those that the makers of the weights document:

* turbo: 1 to 4 steps, no guidance, trailing timesteps, trained at 512 × 512
  (diffusers, "SDXL Turbo").
* lightning: Euler with trailing timesteps, no guidance, and exactly the 2, 4 or 8 steps that
  the file was distilled for (ByteDance/SDXL-Lightning).
* lcm: the LCM scheduler, 2 to 8 steps, guidance off or between 1 and 2
  (latent-consistency/lcm-lora-sdxl).
* dmd2: the LCM scheduler at the timesteps 999, 749, 499 and 249, no guidance (tianweiy/DMD2).
* quality: DPM-Solver++ 2M with guidance, 25 steps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

Preset = Literal["none", "draft", "quality"]
Family = Literal["turbo", "lightning", "lcm", "dmd2"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What fits one kind of weights.

    Attributes:
        fills: Settings for what the user left open.
        steps: Numbers of steps that fit.
        guidance: Least and most guidance that fit; 1 and below is none.
        schedulers: Those that fit.
        why: Said where a setting does not fit.
    """

    fills: Mapping[str, Any]
    steps: tuple[int, ...]
    guidance: tuple[float, float]
    schedulers: frozenset[str]
    why: str


QUALITY = Recipe(
    {"scheduler": "dpmpp_2m", "steps": 25, "guidance_scale": 6.0},
    steps=tuple(range(20, 1001)),
    guidance=(1.5, 15.0),
    schedulers=frozenset({"default", "euler", "euler_a", "dpmpp_2m", "ddim", "unipc"}),
    why="preset quality means 20 steps or more, with guidance",
)

_TRAILING = {"timestep_spacing": "trailing", "guidance_scale": 0.0}

FAMILIES: Mapping[Family, Recipe] = {
    "turbo": Recipe(
        {"scheduler": "euler_a", "steps": 4, "width_px": 512, "height_px": 512, **_TRAILING},
        steps=(1, 2, 3, 4),
        guidance=(0.0, 1.0),
        schedulers=frozenset({"default", "euler_a", "euler"}),
        why="SDXL Turbo was distilled for 1 to 4 steps without guidance",
    ),
    "lightning": Recipe(
        {"scheduler": "euler", "steps": 4, **_TRAILING},
        steps=(2, 4, 8),
        guidance=(0.0, 1.0),
        schedulers=frozenset({"euler"}),
        why="SDXL-Lightning was distilled for Euler, for 2, 4 or 8 steps without guidance, as "
        "its file name says",
    ),
    "lcm": Recipe(
        {"scheduler": "lcm", "steps": 4, "guidance_scale": 0.0},
        steps=(2, 3, 4, 5, 6, 7, 8),
        guidance=(0.0, 2.0),
        schedulers=frozenset({"lcm"}),
        why="LCM takes its own scheduler, 2 to 8 steps, and guidance of at most 2",
    ),
    "dmd2": Recipe(
        {"scheduler": "lcm", "steps": 4, "guidance_scale": 0.0},
        steps=(4,),
        guidance=(0.0, 1.0),
        schedulers=frozenset({"lcm"}),
        why="DMD2 was distilled for 4 steps of the LCM scheduler without guidance",
    ),
}


NATIVE_SIZE_PX: Final[Mapping[str, int]] = {
    "builtin:tiny": 64,
    "builtin:world": 128,
    "stabilityai/sdxl-turbo": 512,
}
"""Width and height of models that are known by name and draw best at another size than SDXL's."""


def native_size_px(model: str) -> int | None:
    """Width and height that a model was made for; None where that cannot be known here.

    A folder says it itself; a hub id that is not downloaded yet is taken for full-size SDXL.
    """
    if model in NATIVE_SIZE_PX:
        return NATIVE_SIZE_PX[model]
    folder = Path(model).expanduser()
    try:
        latents = json.loads((folder / "unet" / "config.json").read_text("utf-8"))["sample_size"]
        vae = json.loads((folder / "vae" / "config.json").read_text("utf-8"))
        size_px = int(latents) * 2 ** (len(vae["block_out_channels"]) - 1)
    except (OSError, ValueError, KeyError, TypeError):
        # What is wrong with a folder is said where the model is located.
        return None
    return size_px if 8 <= size_px <= 4096 and size_px % 8 == 0 else None


def fill(given: Mapping[str, Any]) -> dict[str, Any]:
    """The image settings with what model and preset add to them; what was given stays.

    The model's own size goes before that of a preset.

    Names that are no preset or family are left to the validation that follows.
    """
    preset, named = given.get("preset", "none"), given.get("distilled")
    fills: Mapping[str, Any] = QUALITY.fills if preset == "quality" else {}
    for family, recipe in FAMILIES.items():
        if preset == "draft" and named == family:
            fills = recipe.fills
    model = given.get("model_shape") or given.get("model")
    size_px = native_size_px(model) if isinstance(model, str) else None
    own = {} if size_px is None else {"width_px": size_px, "height_px": size_px}
    return {**fills, **own, **given}


def check(
    preset: Preset,
    family: Family | None,
    *,
    steps: int,
    guidance_scale: float,
    scheduler: str,
    negative_prompt: str,
    names_weights: bool,
) -> None:
    """Refuse settings that contradict the preset.

    Args:
        preset: The preset.
        family: What the weights were distilled as.
        steps: Resolved.
        guidance_scale: Resolved.
        scheduler: Resolved.
        negative_prompt: Resolved.
        names_weights: Whether another model than plain SDXL, or a LoRA file, is named.

    Raises:
        ValueError: They do; it says which, and what fits.
    """
    if preset != "draft" and family is not None:
        raise ValueError(
            f"distilled {family} is for preset draft, not {preset}; set images.preset to draft, "
            "or leave images.distilled out"
        )
    if preset == "none":
        return
    if preset == "draft" and family is None:
        raise ValueError(
            "preset draft needs images.distilled, what its weights were distilled as: "
            f"{', '.join(FAMILIES)}"
        )
    if family is not None and not names_weights:
        raise ValueError(
            "preset draft needs distilled weights: name them as images.model (such as "
            "stabilityai/sdxl-turbo) or images.lora; plain SDXL draws blurs in so few steps"
        )
    recipe = QUALITY if family is None else FAMILIES[family]
    low, high = recipe.guidance
    for name, value, fits in (
        ("steps", steps, steps in recipe.steps),
        ("guidance_scale", guidance_scale, low <= guidance_scale <= high),
        ("scheduler", scheduler, scheduler in recipe.schedulers),
    ):
        if not fits:
            raise ValueError(
                f"{name} {value} contradicts the preset: {recipe.why}; leave images.{name} out, "
                "or the preset"
            )
    if negative_prompt and guidance_scale <= 1:
        raise ValueError(
            f"negative_prompt does nothing without guidance: {recipe.why}; leave it out, or the "
            "preset"
        )
