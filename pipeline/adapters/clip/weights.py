"""Finds, names and loads a CLIP or SigLIP: the packaged one, a folder, or a hub id."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.adapters.sdxl.quiet import quiet_libraries
from pipeline.adapters.sdxl.weights import hash_file
from pipeline.core.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    import torch

WORLD: Final = "builtin:world"
"""The small CLIP that comes with the package and knows the procedural world only."""

_SETTINGS = (".json", ".txt", ".model")
_WEIGHTS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")


@dataclass(frozen=True, slots=True)
class ClipWeights:
    """A model on disk and the name of its content.

    Attributes:
        source: What the config says.
        folder: Where it lies, as transformers saves it.
        identity: `hub-id@commit`, or a digest of the files.
        commit: Hub commit, or None.
    """

    source: str
    folder: Path
    identity: str
    commit: str | None = None


def locate_clip(name: str, revision: str | None = None) -> ClipWeights:
    """Find the model's folder; a hub id is downloaded once, as safetensors only.

    Args:
        name: `scores.clip`.
        revision: `scores.clip_revision`; for a hub id.

    Raises:
        ConfigError: There is no such model here, or it is none with a picture and a text side.
        PermanentError: The hub cannot be reached, or has no such model.
    """
    if name == WORLD:
        folder = Path(str(files("pipeline"))) / "models" / "world_clip"
        if not folder.is_dir():
            raise ConfigError(
                f"scores.clip {WORLD}: this installation lacks {folder}; install the package anew"
            )
        return ClipWeights(name, folder, _hash_files(folder))
    if name.startswith("builtin:"):
        raise ConfigError(f"scores.clip {name!r} is unknown; the only built-in is {WORLD!r}")
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_kind(name, folder)
        return ClipWeights(name, folder, _hash_files(folder))
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name):
        raise ConfigError(
            f"scores.clip {name!r}: there is no such folder, and it is no hub id (owner/name) "
            f"either; {WORLD!r} and 'none' need neither"
        )
    snapshot = _download(name, revision)
    _check_kind(name, snapshot)
    return ClipWeights(name, snapshot, f"{name}@{snapshot.name}", snapshot.name)


def _check_kind(name: str, folder: Path) -> None:
    """Refuse what has no picture side and text side, or no safetensors."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"scores.clip {name} ({folder}) holds no config.json; name a folder that "
            "`save_pretrained` of a CLIPModel or SiglipModel has written"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder / 'config.json'} cannot be read: {error}") from error
    if not isinstance(config, dict) or not {"text_config", "vision_config"} <= config.keys():
        kind = config.get("model_type") if isinstance(config, dict) else None
        raise ConfigError(
            f"scores.clip {name} holds a model of type {kind!r}, which has no picture side and "
            "text side; choose a CLIP or SigLIP"
        )
    if not any(_WEIGHTS.fullmatch(file.name) for file in folder.iterdir()):
        raise ConfigError(
            f"scores.clip {name} ({folder}) holds no model.safetensors; other weight files can "
            "carry code and are not read: choose a revision that has it, or convert the model "
            "by `save_pretrained`"
        )


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.suffix in _SETTINGS or _WEIGHTS.fullmatch(file.name):
            yield file


def _hash_files(folder: Path) -> str:
    """Name of the folder's content; a README changes nothing."""
    digest = hashlib.sha256()
    for file in _files(folder):
        digest.update(f"{file.name}\0{hash_file(file)}\n".encode())
    return digest.hexdigest()


def _download(hub_id: str, revision: str | None) -> Path:
    import httpx
    from huggingface_hub import snapshot_download

    patterns = [*(f"*{end}" for end in _SETTINGS), "model.safetensors", "model-*.safetensors"]
    try:
        return Path(snapshot_download(hub_id, revision=revision, allow_patterns=patterns))
    except (OSError, ValueError, httpx.HTTPError) as error:
        said = str(error.__cause__ or error).strip().split("\n")[0]
        raise PermanentError(
            f"scores.clip {hub_id!r}: there is no such folder here, and the hub did not give it "
            f"({said}). Without internet, copy the model to this machine and name its folder as "
            f"scores.clip; {WORLD!r} needs no download but knows the packaged world only"
        ) from error


@dataclass(frozen=True, slots=True)
class ClipParts:
    """The loaded model.

    Attributes:
        model: With `get_image_features` and `get_text_features`, on its device.
        tokenizer: Of its texts.
        processor: Of its pictures: size, crop, mean and deviation as the model wants them.
        most_tokens: Longest text that it reads.
        pads_to_end: Whether texts must be filled up to that length, as SigLIP was trained.
    """

    model: Any
    tokenizer: Any
    processor: Any
    most_tokens: int
    pads_to_end: bool


def load_clip(weights: ClipWeights, device: torch.device) -> ClipParts:
    """Load model, tokenizer and preprocessor in float32: safetensors only, no foreign code.

    Raises:
        ConfigError: Files are missing, damaged or do not fit together.
    """
    import torch

    with quiet_libraries():
        from safetensors import SafetensorError
        from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(weights.folder, local_files_only=True)
            # Without torchvision there is no other backend; with it, pixels would differ.
            processor = AutoImageProcessor.from_pretrained(
                weights.folder, backend="pil", local_files_only=True
            )
            model = AutoModel.from_pretrained(
                weights.folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
            )
        except ImportError as error:
            raise ConfigError(
                f"scores.clip {weights.source} needs another library: {str(error).strip()}; "
                "SigLIP's tokenizers may need `pip install sentencepiece protobuf`"
            ) from error
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ConfigError(
                f"scores.clip {weights.source} ({weights.folder}) does not load: {error}; is the "
                "copy complete, with tokenizer and preprocessor_config.json?"
            ) from error
    if not hasattr(model, "get_text_features") or not hasattr(model, "get_image_features"):
        raise ConfigError(
            f"scores.clip {weights.source} is a {type(model).__name__}, which does not embed "
            "pictures and texts; choose a CLIP or SigLIP"
        )
    most_tokens = model.config.text_config.max_position_embeddings
    return ClipParts(
        model.to(device).eval(),
        tokenizer,
        processor,
        min(most_tokens, tokenizer.model_max_length),
        pads_to_end=str(model.config.model_type).startswith("siglip"),
    )
