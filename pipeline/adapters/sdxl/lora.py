"""LoRA files: found, named and laid over an SDXL pipeline."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.hub import hash_file
from pipeline.adapters.quiet import quiet_libraries
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.config.images import LoraConfig


LEAST_SHARE = 0.9
"""Of a file's layers that the model must have: files for SDXL fit wholly or nearly so."""

_FIRST_OF_PAIR = re.compile(r"(lora[._]down|lora_linear_layer\.down|lora_A)(\.\w+)?\.weight$")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lora:
    """One LoRA file.

    Attributes:
        file: The .safetensors file.
        scale: Strength.
        digest: Digest of the file.
    """

    file: Path
    scale: float
    digest: str


def locate_loras(loras: Sequence[LoraConfig]) -> tuple[Lora, ...]:
    """Find and name LoRA files, without loading them.

    Raises:
        ConfigError: A file is missing or no safetensors.
    """
    found = []
    for lora in loras:
        file = _lora_file(lora.path)
        found.append(Lora(file, lora.scale, hash_file(file)))
    return tuple(found)


def add_loras(pipeline: Any, loras: Sequence[Lora]) -> None:
    """Load LoRA files beside the weights, each with its scale.

    They are not fused into the weights: in half precision a fused small change is rounded
    away, and a file with the scale 0 would no longer be exactly nothing.

    Raises:
        ConfigError: A file is damaged or does not fit the model, or too little of it does.
    """
    names = [f"lora{number}" for number in range(len(loras))]
    for name, lora in zip(names, loras, strict=True):
        _load_lora(pipeline, lora.file, name)
    if names:
        pipeline.set_adapters(names, [lora.scale for lora in loras])


def _load_lora(pipeline: Any, file: Path, name: str) -> None:
    from safetensors import SafetensorError

    with quiet_libraries(), warnings.catch_warnings():
        # peft warns of a second adapter on one model; here that is what was asked for.
        warnings.filterwarnings("ignore", message="Already found a `peft_config`")
        try:
            pipeline.load_lora_weights(
                str(file.parent),
                weight_name=file.name,
                adapter_name=name,
                use_safetensors=True,
                local_files_only=True,
            )
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise ConfigError(
                f"LoRA {file} does not fit the model: {type(error).__name__}: "
                f"{str(error).strip()[:500]}"
            ) from error
    _check_share(file, _count_layers(file), _count_taken(pipeline, name))


def _check_share(file: Path, layers: int, taken: int) -> None:
    """Refuse a file of which too little fits; diffusers skips what it does not know in silence."""
    if not taken:
        raise ConfigError(f"LoRA {file} names no layer of this model; is it one for SDXL?")
    if taken < LEAST_SHARE * layers:
        raise ConfigError(
            f"LoRA {file}: only {taken} of its {layers} layers are in this model, so it would "
            "not do what it was trained for; is it for another model?"
        )
    if taken < layers:
        _log.warning("LoRA %s: %d of its %d layers are in this model", file, taken, layers)
    else:
        _log.info("LoRA %s: all %d layers", file, layers)


def _count_layers(file: Path) -> int:
    """Layers that a file names, each by the first matrix of its pair."""
    from safetensors import safe_open

    with safe_open(file, framework="np") as tensors:
        return sum(bool(_FIRST_OF_PAIR.search(key)) for key in tensors.keys())  # noqa: SIM118


def _count_taken(pipeline: Any, name: str) -> int:
    """Layers of the model over which an adapter lies."""
    parts = (pipeline.unet, pipeline.text_encoder, pipeline.text_encoder_2)
    return sum(
        name in module.lora_A
        for part in parts
        if part is not None
        for module in part.modules()
        if hasattr(module, "lora_A")
    )


def _lora_file(path: str) -> Path:
    """The .safetensors file that a LoRA path means."""
    place = Path(path).expanduser()
    if place.is_dir():
        usual = place / "pytorch_lora_weights.safetensors"
        files = [usual] if usual.is_file() else sorted(place.glob("*.safetensors"))
        if len(files) != 1:
            raise ConfigError(
                f"LoRA folder {place} holds {len(files)} .safetensors files; name the file"
            )
        return files[0]
    if not place.is_file():
        raise ConfigError(f"LoRA {place} does not exist")
    if place.suffix != ".safetensors":
        raise ConfigError(f"LoRA {place} is no .safetensors file; other formats can run code")
    return place
