"""Finds, names and loads SDXL weights, from a folder or the hub, and sets the scheduler."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.sdxl.quiet import quiet_libraries
from pipeline.adapters.sdxl.tiny import resolve_model
from pipeline.core.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    import torch

    from pipeline.config.images import ImagesConfig

_WHOLE_FILE_BYTES = 64 * 2**20
_BLOCK_BYTES = 64 * 2**10
_BLOCKS = 256


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights on disk and the name of their content.

    Attributes:
        source: What the config says: folder, hub id or `builtin:tiny`.
        folder: Where they lie.
        identity: `hub-id@commit`, or the digest of the folder's files.
        commit: Hub commit, or None.
        vae: Folder of another decoder, whose digest is in the identity; None for its own.
    """

    source: str
    folder: Path
    identity: str
    commit: str | None = None
    vae: Path | None = None


def locate_weights(config: ImagesConfig) -> Weights:
    """Find the model's folder, and that of another decoder; a hub id is downloaded once.

    Raises:
        ConfigError: The folder is missing or holds no SDXL pipeline.
        PermanentError: The hub cannot be reached, or has no such model.
    """
    weights = _locate_model(config)
    vae = locate_vae(config)
    if vae is None:
        return weights
    return replace(weights, identity=f"{weights.identity}+vae:{vae[1]}", vae=vae[0])


def _locate_model(config: ImagesConfig) -> Weights:
    name = resolve_model(config.model)
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_is_sdxl(folder)
        return Weights(config.model, folder, hash_folder(folder))
    if folder.is_file():
        raise ConfigError(
            f"images.model {config.model} is a single file; name a diffusers folder (one with "
            "model_index.json)"
        )
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", str(name)):
        raise ConfigError(
            f"images.model {config.model!r}: there is no such folder, and it is no hub id "
            "(owner/name) either"
        )
    snapshot = _download(str(name), config.revision)
    _check_is_sdxl(snapshot)
    return Weights(config.model, snapshot, f"{name}@{snapshot.name}", snapshot.name)


def _download(hub_id: str, revision: str | None) -> Path:
    """Fetch what a pipeline needs, as safetensors only; returns the snapshot folder."""
    import httpx

    with quiet_libraries():
        from diffusers import StableDiffusionXLPipeline

        try:
            snapshot = StableDiffusionXLPipeline.download(
                hub_id, revision=revision, use_safetensors=True
            )
        except (OSError, ValueError, httpx.HTTPError) as error:
            # diffusers wraps what the hub said in advice on its own cache.
            said = str(error.__cause__ or error).strip().split("\n")[0]
            raise PermanentError(
                f"images.model {hub_id!r}: there is no such folder here, and the hub did not "
                f"give it ({said}). Without internet, copy the "
                "model to this machine and name its folder as images.model; `builtin:tiny` "
                "needs no download; `--images none` makes captions only"
            ) from error
    return Path(snapshot)


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


def hash_folder(folder: Path) -> str:
    """Name of a pipeline folder's content: the index, configs, tokenizers and weights.

    Only the components in model_index.json count, so a README changes nothing.
    """
    digest = hashlib.sha256()
    for file in [folder / "model_index.json", *_component_files(folder)]:
        digest.update(f"{file.relative_to(folder).as_posix()}\0{hash_file(file)}\n".encode())
    return digest.hexdigest()


def _component_files(folder: Path) -> Iterator[Path]:
    for component in sorted(_read_index(folder)):
        if not component.startswith("_") and (folder / component).is_dir():
            for file in sorted((folder / component).rglob("*")):
                if file.suffix in {".json", ".txt", ".safetensors"}:
                    yield file


def hash_file(file: Path) -> str:
    """Sha256 of a file of at most 64 MiB; of a larger one, of its size and of samples.

    Hashing seven gigabytes at every start would take longer than many a run, so of large
    files 256 blocks of 64 KiB count, spread evenly from the first byte (the safetensors
    header) to the last. Training moves all of a tensor's values, and the blocks lie in
    every tensor of a few tens of megabytes; a hand edit of single values can escape.
    """
    size = file.stat().st_size
    digest = hashlib.sha256(f"{size}\0".encode())
    with file.open("rb") as stream:
        if size <= _WHOLE_FILE_BYTES:
            while block := stream.read(2**20):
                digest.update(block)
        else:
            for number in range(_BLOCKS):
                stream.seek((size - _BLOCK_BYTES) * number // (_BLOCKS - 1))
                digest.update(stream.read(_BLOCK_BYTES))
    return digest.hexdigest()


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
            pipeline = StableDiffusionXLPipeline.from_pretrained(
                weights.folder,
                dtype=dtype,
                use_safetensors=True,
                add_watermarker=False,
                local_files_only=True,
            )
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ConfigError(
                f"images.model {weights.source} ({weights.folder}) does not load: {error}; is "
                "the copy complete, and are its weights safetensors?"
            ) from error
    if weights.vae is not None:
        replace_vae(pipeline, weights.vae, dtype)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def locate_vae(config: ImagesConfig) -> tuple[Path, str] | None:
    """Find and name the decoder that `images.vae` asks for; None if it asks for none.

    Raises:
        ConfigError: The folder holds no such model.
        PermanentError: The hub cannot be reached, or has no such model.
    """
    if config.vae is None:
        return None
    folder = Path(config.vae).expanduser()
    if not folder.is_dir():
        folder = _download_vae(config.vae)
    if _vae_kind(folder) not in _VAE_KINDS:
        raise ConfigError(
            f"images.vae {config.vae} ({folder}) holds neither an {' nor an '.join(_VAE_KINDS)}; "
            "name a folder with its config.json and .safetensors file"
        )
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.suffix in {".json", ".safetensors"}:
            digest.update(f"{file.name}\0{hash_file(file)}\n".encode())
    return folder, digest.hexdigest()


_VAE_KINDS = ("AutoencoderKL", "AutoencoderTiny")


def _vae_kind(folder: Path) -> str:
    try:
        return str(json.loads((folder / "config.json").read_text("utf-8")).get("_class_name"))
    except (OSError, ValueError, AttributeError):
        return ""


def _download_vae(hub_id: str) -> Path:
    import httpx

    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", hub_id):
        raise ConfigError(f"images.vae {hub_id!r}: there is no such folder, and it is no hub id")
    with quiet_libraries():
        from huggingface_hub import snapshot_download

        try:
            return Path(
                snapshot_download(
                    hub_id, allow_patterns=["config.json", "diffusion_pytorch_model.safetensors"]
                )
            )
        except (OSError, ValueError, httpx.HTTPError) as error:
            raise PermanentError(
                f"images.vae {hub_id!r}: the hub did not give it ({str(error).strip()[:200]}); "
                "without internet, name a folder"
            ) from error


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
