"""Whether weights and LoRA files fit the model, known from headers before anything is loaded.

The networks are built without memory for their weights (torch's `meta` device), their names
and shapes compared with those that the files announce, and the LoRA files laid over them by
the same code that will do so at the first draw. A run that could not draw is so refused before
a caption is written, in a second or two besides the libraries' import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.adapters.quiet import quiet_libraries
from pipeline.adapters.sdxl.lora import Lora, add_loras
from pipeline.adapters.sdxl.single_file import PARTS, converted_names, stored_shapes
from pipeline.adapters.sdxl.stored_weights import files_of
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.adapters.sdxl.weights import Weights

Shapes = Mapping[str, tuple[int, ...]]

_RENAMED = ((".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."),
            (".proj_attn.", ".to_out.0."))  # fmt: skip
"""How the decoder's attention was named until 2023, and is now."""


def check_fit(weights: Weights, loras: Sequence[Lora]) -> None:
    """Refuse weights of which some are missing or of another shape, and LoRA files that do not fit.

    Raises:
        ConfigError: The first that does not fit, with its name.
    """
    pipeline = _empty_pipeline(weights)
    for part in PARTS:
        module = getattr(pipeline, part)
        stored = None if module is None else _stored(weights, part)
        if stored:
            wanted = {name: tuple(weight.shape) for name, weight in module.named_parameters()}
            _compare(weights, part, wanted, stored)
    if loras:
        add_loras(pipeline, loras)


def _empty_pipeline(weights: Weights) -> Any:
    """The pipeline with networks that have shapes and no content."""
    with quiet_libraries():
        import torch
        from diffusers import AutoencoderKL, StableDiffusionXLPipeline, UNet2DConditionModel
        from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

        folder = weights.folder
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
        found: dict[str, Any] = dict.fromkeys(("text_encoder", "text_encoder_2"))
        try:
            with torch.device("meta"):
                for name, kind in (("unet", UNet2DConditionModel), ("vae", AutoencoderKL)):
                    found[name] = kind.from_config(kind.load_config(folder / name))
                for name, model in (
                    ("text_encoder", CLIPTextModel),
                    ("text_encoder_2", CLIPTextModelWithProjection),
                ):
                    if (index.get(name) or [None])[0]:
                        config = CLIPTextConfig.from_pretrained(
                            folder / name, local_files_only=True
                        )
                        found[name] = model(config)
            return StableDiffusionXLPipeline(
                **found, tokenizer=None, tokenizer_2=None, scheduler=None, add_watermarker=False
            )
        except (OSError, ValueError, TypeError, RuntimeError, KeyError) as error:
            raise ConfigError(
                f"images.model {weights.source} ({folder}) does not load: {error}; is the copy "
                "complete?"
            ) from error


def _stored(weights: Weights, part: str) -> Shapes:
    """What the files hold of a part; empty where only loading them can tell."""
    if weights.file is not None:
        if part not in {"unet", "vae"}:
            return {}
        config = json.loads((weights.folder / part / "config.json").read_text("utf-8"))
        try:
            return converted_names(weights.file, part, config)
        except (KeyError, ValueError, RuntimeError, IndexError) as error:
            raise ConfigError(
                f"images.model {weights.file} is of another shape than {weights.folder} "
                f"({part}: {error}); name a folder of its shape in images.model_shape"
            ) from error
    shapes: dict[str, tuple[int, ...]] = {}
    for file in files_of(weights.folder / part, weights.variant):
        shapes |= stored_shapes(file)
    return shapes


def _compare(weights: Weights, part: str, wanted: Shapes, stored: Shapes) -> None:
    names = dict(stored)
    for name, shape in stored.items():
        now = name.removeprefix("text_model.") if part.startswith("text") else name
        for old, new in _RENAMED:
            now = now.replace(old, new)
        names[now] = shape
    for name, shape in wanted.items():
        found = names.get(name, names.get(name.removeprefix("text_model.")))
        if found is None:
            what = f"lacks the weights {name}"
        elif found != shape and len(found) == len(shape):
            what = f"holds {name} of the shape {list(found)} where the model has {list(shape)}"
        else:
            continue
        remedy = (
            "is the copy complete, and are they of this model?"
            if weights.file is None
            else "name a folder of its shape in images.model_shape"
        )
        place = weights.folder if weights.file is None else weights.file
        raise ConfigError(
            f"images.model {weights.source} ({place}) does not load: {part}/ {what}; {remedy}"
        )
