"""What the renderer loads: a LoRA file, or an ordinary pipeline folder."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import PermanentError

if TYPE_CHECKING:
    from pipeline.training.sdxl.config import FinetuneConfig

LORA_FILE = "pytorch_lora_weights.safetensors"
"""Name by which diffusers, and `images.lora`, find LoRA weights in a folder."""

MODEL_FOLDER = "model"
"""Folder of the whole pipeline, below the output."""

_KEPT = frozenset({".json", ".txt", ".safetensors"})
"""What a pipeline is loaded from; weights in other formats could run code."""


def lora_bytes(unet: Any, dtype: str) -> bytes:
    """The LoRA weights as diffusers saves them, with rank and alpha in the metadata."""
    import torch
    from diffusers import StableDiffusionXLPipeline
    from peft.utils import get_peft_model_state_dict

    # In peft's own names, which diffusers reads. Its older names (which
    # `convert_state_dict_to_diffusers` gives) exist for attention layers only: of a mixed
    # file the attention would be dropped on loading, with a warning.
    weights = {
        name: weight.detach().cpu().to(getattr(torch, dtype))
        for name, weight in get_peft_model_state_dict(unet).items()
    }
    settings = {
        key: sorted(value) if isinstance(value, set) else value
        for key, value in unet.peft_config["default"].to_dict().items()
    }
    with tempfile.TemporaryDirectory() as folder:
        StableDiffusionXLPipeline.save_lora_weights(
            folder,
            unet_lora_layers=weights,
            unet_lora_adapter_metadata=settings,
            safe_serialization=True,
        )
        return _with_sorted_header((Path(folder) / LORA_FILE).read_bytes())


def _with_sorted_header(data: bytes) -> bytes:
    """A safetensors file with its header in order, so that equal weights give equal bytes.

    The library writes metadata in the order of a random hash. The header is JSON behind its
    length, eight bytes, and padded with spaces to a multiple of eight.
    """
    size = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + size]), sort_keys=True, separators=(",", ":"))
    text = header.encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def export_weights(unet: Any, config: FinetuneConfig, base: Path) -> Path:
    """Write what the renderer loads, whole or not at all; returns the file or folder.

    Args:
        unet: The network, with the weights to write.
        config: Where to, and what.
        base: Folder of the pipeline that was fine-tuned.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    target = config.folder / (LORA_FILE if config.method == "lora" else MODEL_FOLDER)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        config.folder.mkdir(parents=True, exist_ok=True)
        if config.method == "lora":
            partial.write_bytes(lora_bytes(unet, config.export.dtype))
            partial.replace(target)
        else:
            _write_pipeline(unet, config.export.dtype, base, partial)
            if target.exists():
                shutil.rmtree(target)
            partial.rename(target)
    except OSError as error:
        raise PermanentError(
            f"cannot write {target}: {error.strerror}; free some space, then run again: the last "
            "checkpoint is kept"
        ) from error
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        partial.unlink(missing_ok=True)
    return target


def _write_pipeline(unet: Any, dtype: str, base: Path, folder: Path) -> None:
    """Copy everything of the pipeline but the UNet, byte for byte, and save the UNet."""
    import torch
    from safetensors.torch import save_file

    index = json.loads((base / "model_index.json").read_text("utf-8"))
    folder.mkdir()
    shutil.copyfile(base / "model_index.json", folder / "model_index.json")
    for name in sorted(index):
        if name.startswith("_") or name == "unet" or not (base / name).is_dir():
            continue
        for file in sorted((base / name).rglob("*")):
            if file.suffix in _KEPT and file.is_file():
                copy = folder / file.relative_to(base)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
    (folder / "unet").mkdir()
    shutil.copyfile(base / "unet" / "config.json", folder / "unet" / "config.json")
    weights = {
        name: weight.detach().cpu().to(getattr(torch, dtype)).contiguous()
        for name, weight in unet.state_dict().items()
    }
    save_file(
        weights, folder / "unet" / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"}
    )
