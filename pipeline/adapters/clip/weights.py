"""Finds, names and loads a CLIP or SigLIP: the packaged one, a folder, or a hub id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.adapters.hub import ModelFolder, ModelSetting, download_files, hash_files
from pipeline.adapters.quiet import quiet_libraries
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

WORLD: Final = "builtin:world"
"""The small CLIP that comes with the package and knows the procedural world only."""

_SETTINGS = (".json", ".txt", ".model")
_WEIGHTS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")


def locate_clip(name: str, revision: str | None = None) -> ModelFolder:
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
        return ModelFolder(name, folder, hash_files(folder, _files(folder)))
    if name.startswith("builtin:"):
        raise ConfigError(f"scores.clip {name!r} is unknown; the only built-in is {WORLD!r}")
    patterns = [*(f"*{end}" for end in _SETTINGS), "model.safetensors", "model-*.safetensors"]
    return _CLIP.locate(name, partial(download_files, name, patterns, revision))


def _check_is_joint(folder: Path) -> None:
    """Refuse what has no picture side and text side, or no safetensors."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"scores.clip {folder} holds no config.json; name a folder that "
            "`save_pretrained` of a CLIPModel or SiglipModel has written"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder / 'config.json'} cannot be read: {error}") from error
    if not isinstance(config, dict) or not {"text_config", "vision_config"} <= config.keys():
        kind = config.get("model_type") if isinstance(config, dict) else None
        raise ConfigError(
            f"scores.clip {folder} holds a model of type {kind!r}, which has no picture side and "
            "text side; choose a CLIP or SigLIP"
        )
    if not any(_WEIGHTS.fullmatch(file.name) for file in folder.iterdir()):
        raise ConfigError(
            f"scores.clip {folder} holds no model.safetensors; other weight files can "
            "carry code and are not read: choose a revision that has it, or convert the model "
            "by `save_pretrained`"
        )


def _files(folder: Path) -> Iterator[Path]:
    """What decides the embeddings; a README changes nothing."""
    for file in sorted(folder.iterdir()):
        if file.suffix in _SETTINGS or _WEIGHTS.fullmatch(file.name):
            yield file


_CLIP = ModelSetting(
    "scores.clip",
    files=_files,
    check=_check_is_joint,
    no_download=f"{WORLD!r}, which knows the packaged world only, and 'none' need no download",
)


@dataclass(frozen=True, slots=True)
class LoadedClip:
    """The loaded model.

    Attributes:
        model: With `get_image_features` and `get_text_features`, on its device.
        tokenizer: Of its texts.
        processor: Of its pictures: size, crop, mean and deviation as the model wants them.
        max_tokens: Longest text that it reads.
        pads_to_max: Whether texts must be filled up to that length, as SigLIP was trained.
    """

    model: Any
    tokenizer: Any
    processor: Any
    max_tokens: int
    pads_to_max: bool


def load_clip(weights: ModelFolder, device: torch.device) -> LoadedClip:
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
    max_tokens = model.config.text_config.max_position_embeddings
    return LoadedClip(
        model.to(device).eval(),
        tokenizer,
        processor,
        min(max_tokens, tokenizer.model_max_length),
        pads_to_max=str(model.config.model_type).startswith("siglip"),
    )
