"""SDXL checkpoints of one file, in the names of Stability's own code, as most are published.

Such a file holds weights and neither the shape of the model nor its tokenizers. Both are taken
from a folder: that of `images.model_shape`, or SDXL base's, which comes with the package, so
that no hub is asked.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.hub import build_once, user_cache_folder
from pipeline.adapters.quiet import quiet_libraries
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

PARTS = {
    "unet": "model.diffusion_model.",
    "vae": "first_stage_model.",
    "text_encoder": "conditioner.embedders.0.transformer.",
    "text_encoder_2": "conditioner.embedders.1.model.",
}
"""The parts of a pipeline, and how the names of their weights begin in the file."""

_OTHER_MODELS = {
    "cond_stage_model.": "Stable Diffusion 1 or 2",
    "conditioner.embedders.0.model.": "the refiner of SDXL",
    "double_blocks.": "Flux",
    "joint_blocks.": "Stable Diffusion 3",
    "down_blocks.": "a UNet alone, as diffusers names it",
    "lora_": "a LoRA file, which goes into images.lora",
}
_TOKENIZERS = {"tokenizer": "<|endoftext|>", "tokenizer_2": "!"}
"""SDXL's tokenizers, and what each fills up with."""

_START, _END = "<|startoftext|>", "<|endoftext|>"
_MAX_TOKENS = 77


def check_single_file(file: Path) -> None:
    """Refuse what holds no whole SDXL, by the file's header.

    Raises:
        ConfigError: It is no safetensors file, damaged, of another model, or lacks a part.
    """
    if file.suffix != ".safetensors":
        raise ConfigError(
            f"images.model {file} is no .safetensors file; other formats can run code and are "
            "not read"
        )
    names = stored_shapes(file)
    missing = [part for part, begins in PARTS.items() if not _any_begins(names, begins)]
    if missing:
        other = next((what for begins, what in _OTHER_MODELS.items() if _occurs(names, begins)), "")
        raise ConfigError(
            f"images.model {file} is no whole SDXL: it lacks {', '.join(missing)}"
            + (f"; it looks like {other}" if other else "")
        )


def stored_shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes of what a file holds, by its header alone.

    Raises:
        ConfigError: It is damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="np") as tensors:
            names = list(tensors.keys())
            return {name: tuple(tensors.get_slice(name).get_shape()) for name in names}
    except (OSError, SafetensorError) as error:
        raise ConfigError(
            f"images.model: {file} does not load: {error}; is the copy complete?"
        ) from error


def _any_begins(names: dict[str, tuple[int, ...]], begins: str) -> bool:
    return any(name.startswith(begins) for name in names)


def _occurs(names: dict[str, tuple[int, ...]], begins: str) -> bool:
    """Whether a name begins so, below whatever prefix a trainer has put before all names."""
    return any(name.startswith(begins) or f".{begins}" in name for name in names)


def sdxl_base_shape(cache_folder: Path | None = None) -> Path:
    """Folder of SDXL base's configurations and tokenizers, built once from the package."""
    packaged = Path(str(files("pipeline"))) / "models" / "sdxl_base"
    digest = hashlib.sha256()
    for file in sorted(packaged.rglob("*")):
        if file.suffix in {".json", ".gz"}:
            digest.update(file.read_bytes())

    def build(folder: Path) -> None:
        for part in ("scheduler", *PARTS):
            shutil.copytree(packaged / part, folder / part)
        shutil.copy(packaged / "model_index.json", folder)
        _save_tokenizers(gzip.decompress((packaged / "clip_merges.txt.gz").read_bytes()), folder)

    name = f"sdxl-base-shape-{digest.hexdigest()[:12]}"
    return build_once((cache_folder or user_cache_folder()) / name, build)


def _save_tokenizers(merges_text: bytes, folder: Path) -> None:
    with quiet_libraries():
        from transformers import CLIPTokenizer

        lines = merges_text.decode("utf-8").splitlines()
        merges = [(left, right) for left, right in (line.split(" ") for line in lines)]
        letters = list(_letters_of_bytes())
        tokens = [*letters, *(letter + "</w>" for letter in letters)]
        tokens += [left + right for left, right in merges]
        vocabulary = {token: number for number, token in enumerate([*tokens, _START, _END])}
        for name, pad in _TOKENIZERS.items():
            CLIPTokenizer(
                vocabulary, merges, pad_token=pad, model_max_length=_MAX_TOKENS
            ).save_pretrained(folder / name)


def _letters_of_bytes() -> list[str]:
    """The visible character that stands for each byte, in the order of CLIP's vocabulary."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return [*map(chr, visible), *(chr(256 + number) for number in range(len(hidden)))]


def load_single_file(file: Path, shape: Path, dtype: torch.dtype) -> Any:
    """Load the pipeline on the CPU.

    Raises:
        Exception: What the libraries raise on files that do not fit.
    """
    from diffusers import StableDiffusionXLPipeline

    pipeline = StableDiffusionXLPipeline.from_single_file(
        str(file),
        config=str(shape),
        dtype=dtype,
        local_files_only=True,
        add_watermarker=False,
    )
    said = scheduler_of(stored_shapes(file))
    if said:
        pipeline.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config, **said)
    return pipeline


def scheduler_of(names: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """What a file says of its scheduler: trainers of v-prediction leave a mark in it."""
    said: dict[str, Any] = {}
    if "v_pred" in names:
        said["prediction_type"] = "v_prediction"
    if "ztsnr" in names:
        said |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    return said


def converted_names(file: Path, part: str, config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the UNet's or the decoder's weights, as diffusers will read them.

    Nothing is loaded: the conversion runs over tensors without content.
    """
    import torch
    from diffusers.loaders import single_file_utils as original

    empty = {name: torch.empty(shape, device="meta") for name, shape in stored_shapes(file).items()}
    convert = (
        original.convert_ldm_unet_checkpoint
        if part == "unet"
        else original.convert_ldm_vae_checkpoint
    )
    made = convert(empty, config)
    return {name: tuple(tensor.shape) for name, tensor in made.items()}
