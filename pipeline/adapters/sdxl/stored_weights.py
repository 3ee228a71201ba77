"""How the weights of a pipeline's parts are stored in its folder: whole, in shards, by variant.

A part's file is `NAME.safetensors`; of a variant `NAME.fp16.safetensors`; in shards it has an
index, `NAME.safetensors.index.json` or `NAME.safetensors.index.fp16.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.core.errors import ConfigError

_NAMES = ("diffusion_pytorch_model", "model")
"""What diffusers and transformers call a part's weights."""


def choose_variant(folder: Path, parts: Sequence[str]) -> str | None:
    """The variant to load, such as "fp16"; None where every part has plain weights.

    Nothing but the headers of the files is read.

    Args:
        folder: The pipeline's.
        parts: Folders in it that hold weights.

    Raises:
        ConfigError: A part has no safetensors, lacks one of its shards, or a file is cut.
    """
    stored = {part: _variants(folder / part) for part in parts}
    for part, variants in stored.items():
        if not variants:
            raise ConfigError(
                f"images.model {folder}: {part}/ holds no weights as .safetensors; is the copy "
                "complete? Other formats can run code and are not read"
            )
    bare = [part for part, variants in stored.items() if "" not in variants]
    chosen: str | None = None
    if bare:
        common = set.intersection(*(stored[part] for part in bare))
        if not common:
            raise ConfigError(
                f"images.model {folder}: {', '.join(bare)} have no variant of the weights in "
                "common; download one whole variant"
            )
        chosen = "fp16" if "fp16" in common else min(common)
    for part, variants in stored.items():
        for file in files_of(folder / part, chosen if chosen in variants else None):
            _check_file(file)
    return chosen


def _variants(folder: Path) -> set[str]:
    """Variants that a part's folder holds; the plain weights are the empty one."""
    found: set[str] = set()
    if not folder.is_dir():
        return found
    for name in _NAMES:
        for file in folder.glob(f"{name}*.safetensors"):
            middle = file.name.removeprefix(name).removesuffix(".safetensors")
            if "-of-" not in middle and middle.count(".") == bool(middle):
                found.add(middle.removeprefix("."))
        for file in folder.glob(f"{name}.safetensors.index*.json"):
            middle = file.name.removeprefix(f"{name}.safetensors.index").removesuffix(".json")
            found.add(middle.removeprefix("."))
    return found


def files_of(folder: Path, variant: str | None) -> Iterator[Path]:
    """The files of one variant of a part, whether they are there or not; else the plain ones."""
    if variant and variant not in _variants(folder):
        variant = None
    middle = f".{variant}" if variant else ""
    for name in _NAMES:
        whole = folder / f"{name}{middle}.safetensors"
        index = folder / f"{name}.safetensors.index{middle}.json"
        if whole.is_file():
            yield whole
            return
        if index.is_file():
            try:
                shards = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise ConfigError(f"images.model: {index} cannot be read: {error}") from error
            yield from (folder / str(shard) for shard in sorted(shards, key=str))
            return


def _check_file(file: Path) -> None:
    """Refuse a file that is missing or cut, by its header and its length."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="np"):
            pass
    except FileNotFoundError as error:
        raise ConfigError(
            f"images.model: {file} is missing, one part of the weights; is the copy complete?"
        ) from error
    except (OSError, SafetensorError) as error:
        raise ConfigError(
            f"images.model: {file} does not load: {error}; is the copy complete? (Files of Git "
            "LFS come with `git lfs pull`)"
        ) from error
