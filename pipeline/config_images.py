"""The section `images` of the configuration: how the pictures are drawn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.config_section import Section

DEFAULT_SDXL = "stabilityai/stable-diffusion-xl-base-1.0"


class LoraConfig(Section):
    """Fine-tuned weights that are added to the base model."""

    path: str = Field(description="Folder or .safetensors file, as diffusers saves it.")
    scale: float = Field(1.0, description="Strength; 0 turns it off.")


class ImagesConfig(Section):
    """How the pictures are drawn."""

    renderer: Literal["none", "sdxl"] = Field(
        "none", description="`none` makes caption-only shards."
    )
    model: str = Field(
        DEFAULT_SDXL,
        description="Folder or hub id of an SDXL pipeline; `builtin:tiny` is a random-weight "
        "miniature that runs anywhere and draws noise.",
    )
    revision: str | None = Field(None, description="Hub revision.")
    lora: tuple[LoraConfig, ...] = Field((), description="LoRA weights, in order.")
    scheduler: Literal["default", "euler", "euler_a", "dpmpp_2m", "ddim", "lcm", "unipc"] = Field(
        "default", description="`default` keeps the model's own."
    )
    steps: int = Field(30, ge=1, le=1000, description="Denoising steps.")
    guidance_scale: float = Field(6.0, ge=0, description="Classifier-free guidance; ≤ 1 is off.")
    width_px: int = Field(1024, ge=8, le=4096, multiple_of=8, description="Width.")
    height_px: int = Field(1024, ge=8, le=4096, multiple_of=8, description="Height.")
    negative_prompt: str = Field("", description="What to keep out of every picture.")
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto",
        description="`auto`: bfloat16 on a GPU that has it, float16 on others, else float32.",
    )
    device: str = Field("auto", description="`auto`, `cpu`, `cuda`, `cuda:1`, `mps`.")
    batch_size: int = Field(8, ge=1, le=1024, description="Pictures drawn at once.")
    jpeg_quality: int = Field(92, ge=1, le=100, description="JPEG quality.")
