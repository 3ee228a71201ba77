"""Latents and text embeddings on disk, each made once and named by what decided it.

A file is written under another name and renamed, so it is whole or not there; any number of
runs and processes may share a folder. Memory holds the names only, 40 bytes an example.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import content_id
from pipeline.training.sdxl.examples import Example, crop_seed, cut_picture

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from pipeline.training.sdxl.config import PicturesConfig
    from pipeline.training.sdxl.encoders import Encoders

CACHE_VERSION = 1
"""Raised when the same picture and settings would give other cached values."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one example is learned from, on the CPU.

    Attributes:
        mean: (channels, height, width) float32, mean of the scaled latents.
        std: The same of their standard deviation.
        time_ids: (6,) int64, micro-conditioning.
        tokens: (77, width) float32 token embeddings.
        pooled: (width,) float32 pooled embedding.
    """

    mean: torch.Tensor
    std: torch.Tensor
    time_ids: torch.Tensor
    tokens: torch.Tensor
    pooled: torch.Tensor


@dataclass(slots=True)
class CacheCounts:
    """What filling the cache took.

    Attributes:
        pictures_encoded: Crops that went through the autoencoder.
        pictures_reused: Crops that were there.
        texts_encoded: Captions that went through the text encoders.
        texts_reused: Captions that were there; a repeated caption counts each time.
        texts_cut: Captions of which the model reads the first 77 tokens only.
    """

    pictures_encoded: int = 0
    pictures_reused: int = 0
    texts_encoded: int = 0
    texts_reused: int = 0
    texts_cut: int = 0


@dataclass(frozen=True, slots=True)
class LatentCache:
    """The folder of cached values for one model and one way to cut pictures.

    Attributes:
        folder: Created when something is written.
        pictures: How pictures are cut.
        seed: Of random crops.
        model: Name of the weights of the autoencoder and the text encoders.
    """

    folder: Path
    pictures: PicturesConfig
    seed: int
    model: str

    def picture_key(self, picture_id: str, number: int) -> str:
        """Name of one crop: the picture's bytes, the settings, the model."""
        size = f"{self.pictures.height_px}x{self.pictures.width_px}"
        place = crop_seed(self.seed, picture_id, number, self.pictures)
        version = f"latents.{CACHE_VERSION}"
        return content_id(version, self.model, size, str(place), picture_id)

    def text_key(self, caption: str) -> str:
        """Name of one caption's embeddings."""
        return content_id(f"text.{CACHE_VERSION}", self.model, caption)

    def picture_file(self, key: str) -> Path:
        """Where the latents of a crop lie."""
        return self.folder / "latents" / key[:2] / f"{key}.safetensors"

    def text_file(self, key: str) -> Path:
        """Where the embeddings of a caption lie."""
        return self.folder / "text" / key[:2] / f"{key}.safetensors"

    def load(self, picture_key: str, text_key: str) -> Entry:
        """Read what one example is learned from.

        Raises:
            PermanentError: A file is gone or damaged; says what to do.
        """
        picture = _read(self.picture_file(picture_key))
        text = _read(self.text_file(text_key))
        return Entry(
            picture["mean"].float(),
            picture["std"].float(),
            picture["time_ids"],
            text["tokens"].float(),
            text["pooled"].float(),
        )


@dataclass(slots=True)
class ExampleIndex:
    """The examples in order, by the names of their cached values: 40 bytes each.

    Attributes:
        keys: (examples, 2) of 20 hexadecimal digits: crop, caption.
        captions: The first few different captions, for the validation grid.
        counts: What filling the cache took in this process.
    """

    keys: NDArray[np.bytes_]
    captions: tuple[str, ...]
    counts: CacheCounts = field(default_factory=CacheCounts)

    def __len__(self) -> int:
        return len(self.keys)

    def pair(self, row: int) -> tuple[str, str]:
        """Picture key and text key of an example."""
        picture, text = self.keys[row]
        return picture.decode(), text.decode()

    @property
    def digest(self) -> str:
        """Name of all examples, with their crops and captions, in order."""
        return content_id(self.keys.tobytes())


FIRST_CAPTIONS = 4
"""Rows of the validation grid where no prompts are named."""


def fill_cache(
    cache: LatentCache,
    examples: Iterable[Example],
    encoders: Encoders,
    *,
    rank: int = 0,
    world_size: int = 1,
    on_examples: Callable[[int], None] = lambda amount: None,
) -> ExampleIndex:
    """Encode what is not in the cache yet and return the index of all examples.

    Pictures are held `encode_batch` at a time, so memory does not grow with their number.

    Args:
        cache: Where to.
        examples: All of them, in a fixed order.
        encoders: The model.
        rank: Number of this process; each encodes its share and returns the whole index.
        world_size: Processes that share the work.
        on_examples: Called with the number of examples that are done since the last call.

    Raises:
        PermanentError: A picture does not decode, or the disk is full.
        ConfigError: There is no example.
    """
    import numpy as np
    import torch

    keys = bytearray()
    first: dict[str, None] = {}
    counts = CacheCounts()
    size = cache.pictures.encode_batch
    with torch.no_grad():
        for number, batch in enumerate(_batched(examples, size)):
            for example in batch:
                picture_id = example.picture_id
                text = cache.text_key(example.caption).encode()
                for crop in range(cache.pictures.crops):
                    keys += cache.picture_key(picture_id, crop).encode() + text
                if len(first) < FIRST_CAPTIONS:
                    first[example.caption] = None
            if number % world_size == rank:
                _add_texts(cache, batch, encoders, counts)
                _add_pictures(cache, batch, encoders, counts)
            on_examples(len(batch))
    if not keys:
        raise ConfigError("there is no picture to learn from")
    return ExampleIndex(np.frombuffer(keys, dtype="S20").reshape(-1, 2), tuple(first), counts)


def _batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _add_texts(
    cache: LatentCache, batch: Sequence[Example], encoders: Encoders, counts: CacheCounts
) -> None:
    wanted = {}
    for example in batch:
        file = cache.text_file(cache.text_key(example.caption))
        if file in wanted or file.exists():
            counts.texts_reused += 1
        else:
            wanted[file] = example.caption
    if not wanted:
        return
    counts.texts_encoded += len(wanted)
    counts.texts_cut += sum(map(encoders.is_cut, wanted.values()))
    tokens, pooled = encoders.texts(list(wanted.values()))
    for row, file in enumerate(wanted):
        _write(file, {"tokens": tokens[row].half(), "pooled": pooled[row].half()})


def _add_pictures(
    cache: LatentCache, batch: Sequence[Example], encoders: Encoders, counts: CacheCounts
) -> None:
    import numpy as np
    import torch

    for number in range(cache.pictures.crops):
        wanted = {}
        for example in batch:
            file = cache.picture_file(cache.picture_key(example.picture_id, number))
            if file in wanted or file.exists():
                counts.pictures_reused += 1
                continue
            place = crop_seed(cache.seed, example.picture_id, number, cache.pictures)
            wanted[file] = cut_picture(example, cache.pictures, seed=place)
        if not wanted:
            continue
        counts.pictures_encoded += len(wanted)
        mean, std = encoders.latents(np.stack([pixels for pixels, _ in wanted.values()]))
        for row, (file, (_, crop)) in enumerate(wanted.items()):
            time_ids = torch.tensor(crop.time_ids, dtype=torch.int64)
            # Half the precision of the mean is far below the noise that is added to it.
            tensors = {"mean": mean[row].half(), "std": std[row].half(), "time_ids": time_ids}
            _write(file, tensors)


def _write(file: Path, tensors: dict[str, torch.Tensor]) -> None:
    from safetensors.torch import save

    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(save({name: value.contiguous() for name, value in tensors.items()}))
        partial.replace(file)
    except OSError as error:
        raise PermanentError(
            f"cannot write the cache {file}: {error.strerror}; free some space or choose another "
            "data.cache, then run again: what is cached is kept"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _read(file: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors: dict[str, torch.Tensor] = load_file(file)
    except (OSError, SafetensorError) as error:
        raise PermanentError(
            f"the cached file {file} cannot be read ({error}); delete it and run again: it is "
            "made anew"
        ) from error
    return tensors
