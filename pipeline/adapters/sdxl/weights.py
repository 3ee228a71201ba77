"""Finds, names and loads SDXL weights, from a folder or the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.hub import (
    ModelFolder,
    ModelSetting,
    download_files,
    hash_file,
    hash_files,
)
from pipeline.adapters.quiet import quiet_libraries
from pipeline.adapters.sdxl.single_file import (
    check_single_file,
    load_single_file,
    sdxl_base_shape,
)
from pipeline.adapters.sdxl.stored_weights import choose_variant
from pipeline.adapters.sdxl.tiny import resolve_model
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from pipeline.config.images import ImagesConfig


@dataclass(frozen=True, slots=True)
class Weights(ModelFolder):
    """SDXL weights on disk and the name of their content.

    Attributes:
        vae: Folder of another decoder, whose digest is in the identity; None for its own.
        variant: Which stored variant of the weights is loaded, such as "fp16"; None for the
            plain ones.
        file: The one file that holds all weights; the folder then says their shape.
    """

    vae: Path | None = None
    variant: str | None = None
    file: Path | None = None


def locate_weights(config: ImagesConfig, *, to_load: bool = True) -> Weights:
    """Find the model's folder or file, and another decoder's; a hub id is downloaded once.

    Args:
        config: Which model.
        to_load: Check by the files' headers that all weights are there; without it, only the
            folder is looked for.

    Raises:
        ConfigError: The folder is missing, holds no SDXL pipeline, or not all of one.
        PermanentError: The hub cannot be reached, or has no such model.
    """
    name = str(resolve_model(config.model))
    file = Path(name).expanduser()
    weights = (
        _in_a_file(config, file) if file.is_file() else _in_a_folder(config, name, to_load=to_load)
    )
    if config.vae is None or not to_load:
        return weights
    vae = locate_vae(config.vae)
    return replace(weights, identity=f"{weights.identity}+vae:{vae.identity}", vae=vae.folder)


def _in_a_file(config: ImagesConfig, file: Path) -> Weights:
    check_single_file(file)
    shape = Path(config.model_shape).expanduser() if config.model_shape else sdxl_base_shape()
    if not shape.is_dir():
        raise ConfigError(f"images.model_shape {shape} is no folder; name that of any SDXL")
    _check_is_sdxl(shape)
    described = [name for name in _pipeline_files(shape) if name.suffix != ".safetensors"]
    identity = f"{hash_file(file)}+shape:{hash_files(shape, described)}"
    return Weights(config.model, shape, identity, file=file)


def _in_a_folder(config: ImagesConfig, name: str, *, to_load: bool) -> Weights:

    def download() -> str:
        """Fetch what a pipeline needs, as safetensors only."""
        with quiet_libraries():
            from diffusers import StableDiffusionXLPipeline

            folder: str = StableDiffusionXLPipeline.download(
                name, revision=config.revision, use_safetensors=True
            )
            return folder

    found = _MODEL.locate(name, download)
    weights = Weights(config.model, found.folder, found.identity, found.commit)
    if not to_load:
        return weights
    parts = [part for part in _WITH_WEIGHTS if _has_part(found.folder, part)]
    return replace(weights, variant=choose_variant(found.folder, parts))


_WITH_WEIGHTS = ("unet", "vae", "text_encoder", "text_encoder_2")


def _has_part(folder: Path, part: str) -> bool:
    """Whether a pipeline is said to have a part; one that is left out stands as [null, null]."""
    return bool((_read_index(folder).get(part) or [None])[0])


def _read_index(folder: Path) -> dict[str, Any]:
    try:
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"images.model {folder} holds no model_index.json; name the folder that "
            "`save_pretrained` of a StableDiffusionXLPipeline has written"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder / 'model_index.json'} cannot be read: {error}") from error
    return index if isinstance(index, dict) else {}


def _check_is_sdxl(folder: Path) -> None:
    kind = _read_index(folder).get("_class_name")
    if not str(kind).startswith("StableDiffusionXL"):
        raise ConfigError(f"images.model {folder} holds a {kind}, not a StableDiffusionXLPipeline")


def _pipeline_files(folder: Path) -> Iterator[Path]:
    """The index, configs, tokenizers and weights.

    Only the components in model_index.json count, so a README changes nothing.
    """
    yield folder / "model_index.json"
    for component in sorted(_read_index(folder)):
        if not component.startswith("_") and (folder / component).is_dir():
            for file in sorted((folder / component).rglob("*")):
                if file.suffix in {".json", ".txt", ".safetensors"}:
                    yield file


_MODEL = ModelSetting(
    "images.model",
    files=_pipeline_files,
    check=_check_is_sdxl,
    no_download="`builtin:tiny` needs no download; `--images none` makes captions only",
)


def check_size(weights: Weights, width_px: int, height_px: int) -> None:
    """Refuse a picture size that the model's autoencoder cannot make.

    Raises:
        ConfigError: Width or height is no multiple of its scale factor.
    """
    try:
        vae = json.loads((weights.folder / "vae" / "config.json").read_text("utf-8"))
        factor = 2 ** (len(vae["block_out_channels"]) - 1)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"images.model {weights.source}: {weights.folder / 'vae' / 'config.json'} cannot be "
            f"read ({error}); is the copy complete?"
        ) from error
    if width_px % factor or height_px % factor:
        raise ConfigError(
            f"images.width_px × height_px = {width_px} × {height_px}: this model draws "
            f"multiples of {factor} only"
        )


def load_pipeline(weights: Weights, dtype: torch.dtype) -> Any:
    """Load a `StableDiffusionXLPipeline` on the CPU: safetensors only, no watermark.

    Raises:
        ConfigError: Files are missing, damaged or do not fit together.
    """
    with quiet_libraries():
        from diffusers import StableDiffusionXLPipeline
        from safetensors import SafetensorError

        try:
            if weights.file is not None:
                pipeline = load_single_file(weights.file, weights.folder, dtype)
            else:
                pipeline = StableDiffusionXLPipeline.from_pretrained(
                    weights.folder,
                    dtype=dtype,
                    variant=weights.variant,
                    use_safetensors=True,
                    add_watermarker=False,
                    local_files_only=True,
                )
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise ConfigError(
                f"images.model {weights.source} ({weights.folder}) does not load: {error}; is "
                "the copy complete, and are its weights safetensors?"
            ) from error
    _refuse_gaps(pipeline, weights)
    if weights.vae is not None:
        replace_vae(pipeline, weights.vae, dtype)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _refuse_gaps(pipeline: Any, weights: Weights) -> None:
    """Refuse a model of which the files lack a weight; diffusers says so in a log line only."""
    for part in _WITH_WEIGHTS:
        for name, weight in getattr(pipeline, part).named_parameters():
            if weight.is_meta:
                raise ConfigError(
                    f"images.model {weights.source} ({weights.folder}) does not load: {part}/ "
                    f"lacks the weights {name}; is the copy complete, and are they of this model?"
                )


_VAE_KINDS = ("AutoencoderKL", "AutoencoderTiny")


def _vae_kind(folder: Path) -> str:
    try:
        return str(json.loads((folder / "config.json").read_text("utf-8")).get("_class_name"))
    except (OSError, ValueError, AttributeError):
        return ""


def _check_is_vae(folder: Path) -> None:
    if _vae_kind(folder) not in _VAE_KINDS:
        raise ConfigError(
            f"images.vae {folder} holds neither an {' nor an '.join(_VAE_KINDS)}; "
            "name a folder with its config.json and .safetensors file"
        )


def _vae_files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.suffix in {".json", ".safetensors"}:
            yield file


_VAE = ModelSetting("images.vae", files=_vae_files, check=_check_is_vae)


def locate_vae(name: str) -> ModelFolder:
    """Find the decoder of `images.vae`; from the hub too it is named by its files' digest.

    Raises:
        ConfigError: The folder holds no such model.
        PermanentError: The hub cannot be reached, or has no such model.
    """
    patterns = ("config.json", "diffusion_pytorch_model.safetensors")

    def download() -> str:
        with quiet_libraries():
            return download_files(name, patterns)

    found = _VAE.locate(name, download)
    return replace(found, identity=hash_files(found.folder, _vae_files(found.folder)))


def replace_vae(pipeline: Any, folder: Path, dtype: torch.dtype) -> None:
    """Give the pipeline another decoder of the same latents.

    Raises:
        ConfigError: It does not load, or is of other latents.
    """
    with quiet_libraries():
        import diffusers
        from safetensors import SafetensorError

        kind = getattr(diffusers, _vae_kind(folder))
        try:
            vae = kind.from_pretrained(
                folder, torch_dtype=dtype, use_safetensors=True, local_files_only=True
            )
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ConfigError(f"images.vae {folder} does not load: {error}") from error
    ours, theirs = (
        (2 ** (len(v.config.block_out_channels) - 1), v.config.latent_channels)
        for v in (pipeline.vae, vae)
    )
    if ours != theirs:
        raise ConfigError(
            f"images.vae {folder} is of other latents (scale and channels {theirs}) than the "
            f"model's {ours}"
        )
    pipeline.register_modules(vae=vae)
