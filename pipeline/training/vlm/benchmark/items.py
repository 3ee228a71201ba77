"""One question of a benchmark, whatever the benchmark, and what chance gets of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from pipeline.core.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHANCE: Final[Mapping[str, float]] = {"text": 1 / 4, "image": 1 / 4, "group": 1 / 6}
"""What random similarities get of a group of two pictures and two captions (Thrush et al. 2022,
arXiv 2204.03162): of the 24 orders of four numbers, 6, 6 and 4 satisfy the inequalities."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on disk.

    Attributes:
        path: The file; of a table where `data` is given, for messages.
        box: (left, top, right, bottom) in px, the part that counts; None for all.
        data: Its encoded bytes, where they are in no file of their own.
    """

    path: Path
    box: tuple[int, int, int, int] | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Captions and pictures of which it is known what belongs together.

    Attributes:
        name: Names it within its benchmark.
        kind: What it asks about: scores are given by kind.
        captions: With two pictures, two: caption i is true of picture i and false of the other.
            With one picture, two or more: the first is the true one.
        pictures: Two, or one.
        group: Questions of one anchor have one; they are never apart when something is learned.
        factual: With two pictures, the caption that was not edited; None where it is not known.
        neutral: The true, or unedited, caption in other words; empty where there is none.
        neutral_kind: What was changed in it.
    """

    name: str
    kind: str
    captions: tuple[str, ...]
    pictures: tuple[Picture, ...]
    group: str = ""
    factual: int | None = None
    neutral: str = ""
    neutral_kind: str = ""

    def __post_init__(self) -> None:
        if len(self.pictures) not in {1, 2} or len(self.captions) < 2:
            raise ValueError(f"{self.name}: one or two pictures and at least two captions")
        if len(self.pictures) == 2 and len(self.captions) != 2:
            raise ValueError(f"{self.name}: two pictures have two captions")

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that a model is asked about: the captions, then the neutral variant."""
        return (*self.captions, self.neutral) if self.neutral else self.captions

    @property
    def chance(self) -> Mapping[str, float]:
        """Score → what random similarities get."""
        if len(self.pictures) == 2:
            return CHANCE
        return {"choice": 1 / len(self.captions)}

    @property
    def caption_pairs(self) -> tuple[tuple[str, str], ...]:
        """(true, false) captions for a reader who sees no picture; none if it cannot be told."""
        if len(self.pictures) == 1:
            return tuple((self.captions[0], false) for false in self.captions[1:])
        if self.factual is None:
            return ()
        return ((self.captions[self.factual], self.captions[1 - self.factual]),)


def load_picture(picture: Picture) -> NDArray[np.uint8]:
    """Decode a picture: (height_px, width_px, 3) uint8 RGB.

    Raises:
        ConfigError: The file is not there.
        PermanentError: It is no picture.
    """
    source = picture.path if picture.data is None else io.BytesIO(picture.data)
    try:
        with Image.open(source) as opened:
            shown = opened.convert("RGB")
    except FileNotFoundError as error:
        raise ConfigError(
            f"the picture {picture.path} is not there; name the folder of the benchmark's "
            "pictures with --images"
        ) from error
    except (OSError, SyntaxError) as error:
        raise PermanentError(f"{picture.path} holds no picture: {error}") from error
    return np.asarray(shown if picture.box is None else shown.crop(picture.box))
