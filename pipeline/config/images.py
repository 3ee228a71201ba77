"""The section `images` of the configuration: how the pictures are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from pipeline.config.base import Section
from pipeline.config.presets import Family, Preset, check, fill
from pipeline.core.records import EditKind

FEW_STEPS = 4
"""Up to here one step differs too much from the next for its deep features to be reused."""

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
        description="Folder, hub id or single .safetensors file of an SDXL pipeline; "
        "`builtin:tiny` is a random-weight miniature that runs anywhere and draws noise.",
    )
    model_shape: str | None = Field(
        None,
        description="Folder of an SDXL pipeline with the configurations and tokenizers that a "
        "single file lacks; SDXL base's if unset, which need no hub.",
    )
    revision: str | None = Field(None, description="Hub revision.")
    preset: Preset = Field(
        "none",
        description="Fills what is left open among the settings below. `quality`: 25 steps with "
        "guidance. `draft`: a few steps without, for the distilled weights that `model` or "
        "`lora` names.",
    )
    distilled: Family | None = Field(
        None, description="What the weights of preset `draft` were distilled as."
    )
    lora: tuple[LoraConfig, ...] = Field((), description="LoRA weights, in order.")
    fuse_lora: bool = Field(
        False,
        description="Merge LoRA weights into the model's: faster; in half precision small "
        "changes are rounded.",
    )
    vae: str | None = Field(
        None,
        description="Folder or hub id of another decoder: one mended for float16, or an "
        "AutoencoderTiny (TAESDXL), 18 times less work and less detail.",
    )
    scheduler: Literal["default", "euler", "euler_a", "dpmpp_2m", "ddim", "lcm", "unipc"] = Field(
        "default", description="`default` keeps the model's own."
    )
    timestep_spacing: Literal["default", "leading", "trailing", "linspace"] = Field(
        "default", description="`default` keeps the model's own."
    )
    steps: int = Field(30, ge=1, le=1000, description="Denoising steps.")
    guidance_scale: float = Field(6.0, ge=0, description="Classifier-free guidance; ≤ 1 is off.")
    width_px: int = Field(
        1024,
        ge=8,
        le=4096,
        multiple_of=8,
        description="Width. If unset, the model's own, where its folder or its name says it: 64 "
        "for `builtin:tiny`, 128 for `builtin:world`.",
    )
    height_px: int = Field(1024, ge=8, le=4096, multiple_of=8, description="Height; likewise.")
    negative_prompt: str = Field("", description="What to keep out of every picture.")
    denied_words: Literal["leave_out", "negative_prompt"] = Field(
        "leave_out",
        description="Of an edit negated on both sides only what it affirms is drawn. "
        "`negative_prompt` also names what it denies as that picture's negative prompt, where "
        "guidance is on; the packaged model draws worse with it.",
    )
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto",
        description="`auto`: bfloat16 on a GPU that has it, float16 on others, else float32.",
    )
    device: str = Field(
        "auto", description="`auto`, `auto:1` (the second GPU), `cpu`, `cuda`, `cuda:1`, `mps`."
    )
    batch_size: int = Field(8, ge=1, le=1024, description="Pictures drawn at once.")
    compile: Literal["off", "regional", "full"] = Field(
        "off",
        description="Compile the network for fixed batches: its repeated blocks (a minute or "
        "so at the first start) or all of it (many minutes, a little faster).",
    )
    compile_cache: str | None = Field(
        None, description="Folder of compiled code; the user's cache folder if unset."
    )
    fuse_qkv: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Merge the projections of attention: one matrix product instead of three. "
        "`auto`: on a GPU, except beside LoRA files or where memory is saved. A strategy's own "
        "attention uses them too. Takes 1.2 GB.",
    )
    block_cache_interval: int = Field(
        1,
        ge=1,
        le=10,
        description="Compute the network's deep blocks in every n-th step only and reuse them "
        "in between (DeepCache): faster, other pictures. 1 is off; useless in 4 steps or fewer.",
    )
    release_text_encoders: bool = Field(
        False, description="Keep the text encoders in the computer's memory between batches."
    )
    cpu_offload: bool = Field(
        False, description="Keep only the part that is at work on the GPU; slower."
    )
    vae_slicing: bool = Field(False, description="Decode one picture at a time.")
    vae_tiling: bool = Field(
        False, description="Decode each picture in tiles: less memory, faint seams."
    )
    jpeg_quality: int = Field(92, ge=1, le=100, description="JPEG quality.")
    strategy: Literal["prompt_to_prompt", "same_noise", "independent"] = Field(
        "prompt_to_prompt",
        description="How minimal edits keep to the drawn factual picture: by its attention and "
        "its noise, by its noise alone, or not at all. Complete counterfactuals never do.",
    )
    self_attention_fraction: float | None = Field(
        None,
        ge=0,
        le=1,
        description="prompt_to_prompt: share of the steps that take the factual picture's "
        "self-attention, which holds its layout; if unset, by kind.",
    )
    cross_attention_fraction: float | None = Field(
        None,
        ge=0,
        le=1,
        description="prompt_to_prompt: share of the steps in which the words of both captions "
        "look at the same places; if unset, by kind.",
    )
    appearance_fraction: float | None = Field(
        None,
        ge=0,
        le=1,
        description="prompt_to_prompt: share of the steps, the last ones, that read the factual "
        "picture's self-attention from wherever things have moved to, which keeps their looks; "
        "if unset, by kind.",
    )
    fractions: dict[str, tuple[float, float, float]] = Field(
        default_factory=dict,
        description="prompt_to_prompt: kind, or kind.subkind → the three fractions above, over "
        "which it wins.",
    )
    blend: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="prompt_to_prompt: keep the factual picture's pixels wherever the edited "
        "words' attention is below this share of its range; off if unset.",
    )
    real_strategy: Literal["none", "inpaint", "img2img"] = Field(
        "none",
        description="Minimal edits of anchors with a picture of their own: `none` draws them as "
        "all others, beside a drawn control; `inpaint` draws the edited words' place in the real "
        "picture anew and keeps its pixels elsewhere; `img2img` draws all of it anew.",
    )
    strength: float = Field(
        0.8,
        gt=0,
        le=1,
        description="inpaint, img2img: share of the steps that draw; more changes more.",
    )
    mask_threshold: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="inpaint: draw anew where the edited words' attention is above this share "
        "of its range.",
    )
    candidates: int = Field(
        1, ge=1, le=256, description="Pictures drawn of each counterfactual, to choose from."
    )
    candidate_seeds: int | None = Field(
        None,
        ge=1,
        description="Different noises among the candidates of a minimal edit; if unset, the "
        "square root of their number for prompt_to_prompt, whose fractions vary too, else all.",
    )
    candidate_self_attention: tuple[float, float] = Field(
        (0.1, 0.9),
        description="prompt_to_prompt: range from which the candidates after the first draw "
        "their self-attention fraction.",
    )
    candidate_appearance: tuple[float, float] = Field(
        (0.5, 1.0),
        description="prompt_to_prompt: range from which they draw their appearance fraction "
        "instead, where that of their kind is the larger one.",
    )
    keep_candidates: bool = Field(
        False, description="Store all candidates in `candidates/`, to choose again later."
    )

    @model_validator(mode="before")
    @classmethod
    def _filled_by_its_model_and_preset(cls, given: object) -> object:
        return fill(given) if isinstance(given, Mapping) else given

    @model_validator(mode="after")
    def _fits_its_preset(self) -> ImagesConfig:
        check(
            self.preset,
            self.distilled,
            steps=self.steps,
            guidance_scale=self.guidance_scale,
            scheduler=self.scheduler,
            negative_prompt=self.negative_prompt,
            names_weights=self.model != DEFAULT_SDXL or bool(self.lora),
        )
        return self

    @model_validator(mode="after")
    def _has_a_use_for_its_speed(self) -> ImagesConfig:
        if self.block_cache_interval > 1 and self.steps <= FEW_STEPS:
            raise ValueError(
                f"block_cache_interval {self.block_cache_interval}: in {self.steps} steps each "
                f"differs too much from the one before it; use more than {FEW_STEPS} steps, or 1"
            )
        if self.block_cache_interval > 1 and self.compile == "full":
            raise ValueError(
                "block_cache_interval above 1 skips blocks in some steps, which compile full "
                "cannot follow; use compile regional or off"
            )
        if self.fuse_qkv == "on" and self.lora and not self.fuse_lora:
            raise ValueError(
                "fuse_qkv on would leave the LoRA weights out; add fuse_lora, or use auto or off"
            )
        if self.cpu_offload and self.compile != "off":
            raise ValueError(
                "cpu_offload moves the network that compile fixes in place; use one of the two"
            )
        return self

    @model_validator(mode="after")
    def _has_fractions(self) -> ImagesConfig:
        ranges: dict[str, tuple[float, ...]] = {
            f"fractions.{name}": values for name, values in self.fractions.items()
        }
        for key in self.fractions:
            if key.partition(".")[0] not in set(EditKind):
                raise ValueError(
                    f"fractions.{key}: begin with one of {', '.join(EditKind)}, and name a "
                    "subkind after a full stop where you mean one"
                )
        drawn = {
            "candidate_self_attention": self.candidate_self_attention,
            "candidate_appearance": self.candidate_appearance,
        }
        for name, values in (ranges | drawn).items():
            if not all(0 <= value <= 1 for value in values):
                raise ValueError(f"{name}: fractions lie between 0 and 1, not {values}")
        for name, (low, high) in drawn.items():
            if low > high:
                raise ValueError(f"{name}: {low} is above {high}")
        if self.candidate_seeds is not None and self.candidate_seeds > self.candidates:
            raise ValueError(
                f"candidate_seeds: {self.candidate_seeds} noises for {self.candidates} candidates"
            )
        if self.strategy == "same_noise" and self.candidate_seeds not in {None, self.candidates}:
            raise ValueError(
                f"candidate_seeds: by same_noise, {self.candidates} candidates of "
                f"{self.candidate_seeds} noises would hold the same picture twice"
            )
        return self
