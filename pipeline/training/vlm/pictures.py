"""Decoding: no larger than the training needs, and nothing that it does not see."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from pipeline.core.errors import ShardCorruptError
from pipeline.training.vlm.sample import (
    Described,
    LoadedEdit,
    LoadedFull,
    LoadedSet,
    RawSample,
)

if TYPE_CHECKING:
    from pipeline.training.vlm.choice import Choice

Transform = Callable[[Image.Image], Any]
PICTURE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")


def is_picture(field: str) -> bool:
    """Whether a field of a sample holds a picture."""
    return f".{field}".endswith(PICTURE_SUFFIXES)


def decode_picture(raw: RawSample, field: str, at_least_px: int | None) -> Image.Image:
    """Decode a picture to RGB.

    A JPEG is scaled by 1/2, 1/4 or 1/8 while it is decoded, as far as both sides stay at least
    `at_least_px`: the decoder then computes only the frequencies that are needed.

    Raises:
        ShardCorruptError: It is not there, or cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(raw.fields[field])) as picture:
            if at_least_px is not None:
                picture.draft(None, (at_least_px, at_least_px))
            picture.load()
            # `convert` would copy a picture that is RGB already.
            return picture if picture.mode == "RGB" else picture.convert("RGB")
    except (KeyError, OSError, SyntaxError) as error:
        raise ShardCorruptError(
            f"{raw.shard}: picture {field} of sample {raw.key} cannot be decoded ({error!r}); "
            "fetch the shard again"
        ) from error


def load_set(
    described: Described, choice: Choice, transform: Transform | None, decode_px: int | None
) -> LoadedSet:
    """The chosen set with its pictures, each file decoded once.

    Raises:
        ShardCorruptError: A picture cannot be decoded.
    """
    raw = described.raw
    decoded: dict[str, Image.Image] = {}

    def picture(file: str | None) -> Any:  # noqa: ANN401
        if file is None or not choice.with_pictures:
            return None
        if file not in decoded:
            decoded[file] = decode_picture(raw, file, decode_px)
        return decoded[file] if transform is None else transform(decoded[file])

    return LoadedSet(
        key=raw.key,
        split=described.split,
        caption=described.caption,
        image=picture(choice.image_file),
        image_variant=choice.image_variant,
        edits=tuple(
            LoadedEdit(
                variant=entry.variant,
                kind=entry.kind,
                subkind=entry.subkind,
                caption=entry.caption,
                pair_text=entry.truth.pair_text,
                image=picture(entry.file),
                image_is_negative=is_negative,
                contradicts_caption=entry.truth.contradicts_caption,
                visible=entry.truth.visible,
                is_repeat=is_repeat,
                weight=1.0 if entry.weight is None else entry.weight,
            )
            for entry, is_negative, is_repeat in choice.edits
        ),
        fulls=tuple(
            LoadedFull(entry.variant, entry.caption, picture(entry.file)) for entry in choice.fulls
        ),
        neutral=choice.neutral,
    )
