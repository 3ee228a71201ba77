"""Sets of different sizes as tensors of one shape, with masks: nothing is filled by a copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.training.vlm.sample import KINDS, LoadedSet

if TYPE_CHECKING:
    from torch import Tensor

Batch = dict[str, Any]
Tokenizer = Callable[[list[str]], Any]


def collate_sets(
    sets: Sequence[LoadedSet],
    *,
    max_edits: int | None = None,
    max_full: int | None = None,
    max_neutral: int | None = None,
    tokenizer: Tokenizer | None = None,
    blank: Any = None,  # noqa: ANN401
) -> Batch:
    """One batch of sets; `batch` sets, K `max_edits`, F `max_full`, N `max_neutral`.

    | name | shape | content |
    | --- | --- | --- |
    | `key`, `caption` | list | anchor ids, factual captions |
    | `text` | (batch, …) | tokens of the captions |
    | `image`, `has_image` | (batch, …), (batch,) bool | factual pictures |
    | `edit_text`, `edit_mask` | (batch, K, …), (batch, K) bool | minimal edits |
    | `pair_text`, `pair_is_caption` | the same | the true wording of each, and where it is `text` |
    | `edit_image`, `edit_has_image` | (batch, K, …), (batch, K) bool | their pictures |
    | `edit_image_is_negative` | (batch, K) bool | where a picture contradicts `image` |
    | `edit_contradicts_caption` | (batch, K) bool | where the edit is false beside `text` too |
    | `edit_is_causal`, `edit_is_repeat` | (batch, K) bool | |
    | `edit_kind` | (batch, K) int64 | place in `KINDS`; −1 where there is none |
    | `edit_balance_weight` | (batch, K) float32 | what an edit counts; 0 where there is none |
    | `full_text`, `full_mask` | (batch, F, …), (batch, F) bool | complete counterfactuals |
    | `full_image`, `full_has_image` | (batch, F, …), (batch, F) bool | their pictures |

    | `neutral_text`, `neutral_mask` | (batch, N, …), (batch, N) bool | the captions reworded |

    What a set lacks is False in the mask, zeros in a picture, the empty text in tokens. Where
    no picture can be known of (`pictures="none"`, or no picture in the batch and no `blank`)
    the keys `image`, `edit_image` and `full_image` are not there.

    Args:
        sets: At least one.
        max_edits: K; None: the most that a set of this batch has.
        max_full: F, likewise.
        max_neutral: N, likewise.
        tokenizer: From a list of texts to a tensor or a mapping of tensors, (texts, …); None:
            the texts are lists, with None where there is none.
        blank: Any transformed picture: its shape is used where a batch has none.

    Raises:
        ValueError: A set has more than K, F or N, or pictures have different shapes.
    """
    import torch

    edits = _size("max_edits", max_edits, [len(one.edits) for one in sets])
    fulls = _size("max_full", max_full, [len(one.fulls) for one in sets])
    neutral = _size("max_neutral", max_neutral, [len(one.neutral) for one in sets])
    slots = [_padded(one.edits, edits) for one in sets]
    full_slots = [_padded(one.fulls, fulls) for one in sets]
    neutral_slots = [_padded(one.neutral, neutral) for one in sets]

    def flags(of: Callable[[Any], bool], rows: list[list[Any]], width: int) -> Tensor:
        marked = [[slot is not None and of(slot) for slot in row] for row in rows]
        return torch.tensor(marked, dtype=torch.bool).reshape(len(sets), width)

    captions = [one.caption for one in sets]
    pair_is_caption = [
        [slot is not None and slot.pair_text == one.caption for slot in row]
        for one, row in zip(sets, slots, strict=True)
    ]
    kinds = [[-1 if s is None or s.kind not in KINDS else KINDS.index(s.kind) for s in row]
             for row in slots]  # fmt: skip
    batch: Batch = {
        "key": [one.key for one in sets],
        "caption": captions,
        "has_image": torch.tensor([one.image is not None for one in sets], dtype=torch.bool),
        "edit_mask": flags(lambda edit: True, slots, edits),
        "pair_is_caption": torch.tensor(pair_is_caption, dtype=torch.bool).reshape(-1, edits)
        if edits
        else torch.zeros(len(sets), 0, dtype=torch.bool),
        "edit_has_image": flags(lambda edit: edit.image is not None, slots, edits),
        "edit_image_is_negative": flags(lambda edit: edit.image_is_negative, slots, edits),
        "edit_contradicts_caption": flags(lambda edit: edit.contradicts_caption, slots, edits),
        "edit_is_causal": flags(lambda edit: edit.kind == "causal_order", slots, edits),
        "edit_is_repeat": flags(lambda edit: edit.is_repeat, slots, edits),
        "edit_kind": torch.tensor(kinds, dtype=torch.long).reshape(len(sets), edits),
        "edit_balance_weight": torch.tensor(
            [[0.0 if slot is None else slot.weight for slot in row] for row in slots]
        ).reshape(len(sets), edits),
        "full_mask": flags(lambda full: True, full_slots, fulls),
        "full_has_image": flags(lambda full: full.image is not None, full_slots, fulls),
        "neutral_mask": flags(lambda text: True, neutral_slots, neutral),
    }
    batch |= _texts(captions, slots, full_slots, neutral_slots, tokenizer)
    batch |= _images([one.image for one in sets], slots, full_slots, blank)
    return batch


def _size(name: str, most: int | None, sizes: Sequence[int]) -> int:
    if not sizes:
        raise ValueError("a batch needs at least one set")
    if most is not None and max(sizes) > most:
        raise ValueError(f"a set has {max(sizes)} and {name} is {most}; give it to the dataset too")
    return max(sizes) if most is None else most


def _padded(items: Sequence[Any], size: int) -> list[Any]:
    return [*items, *[None] * (size - len(items))]


def _texts(
    captions: list[str],
    slots: list[list[Any]],
    full_slots: list[list[Any]],
    neutral_slots: list[list[Any]],
    tokenizer: Tokenizer | None,
) -> Batch:
    """The five texts, tokenised together so that all have one length."""
    rows: dict[str, list[list[str | None]]] = {
        "text": [[caption] for caption in captions],
        "edit_text": [[slot and slot.caption for slot in row] for row in slots],
        "pair_text": [[slot and slot.pair_text for slot in row] for row in slots],
        "full_text": [[slot and slot.caption for slot in row] for row in full_slots],
        "neutral_text": [[slot and slot.caption for slot in row] for row in neutral_slots],
    }
    if tokenizer is None:
        return {**rows, "text": captions}
    flat = [text or "" for part in rows.values() for row in part for text in row]
    different = {text: number for number, text in enumerate(dict.fromkeys(flat))}
    tokens = tokenizer(list(different))
    numbers = [different[text] for text in flat]
    result: Batch = {}
    start = 0
    for name, part in rows.items():
        width = len(part[0])
        taken = numbers[start : start + len(captions) * width]
        start += len(taken)
        shape = (len(captions),) if name == "text" else (len(captions), width)
        result[name] = _take(tokens, taken, shape)
    return result


def _take(tokens: Any, numbers: list[int], shape: tuple[int, ...]) -> Any:  # noqa: ANN401
    import torch

    if isinstance(tokens, Mapping):
        return {name: _take(value, numbers, shape) for name, value in tokens.items()}
    values = torch.as_tensor(tokens)
    return values[torch.tensor(numbers, dtype=torch.long)].reshape(*shape, *values.shape[1:])


def _images(
    anchors: list[Any],
    slots: list[list[Any]],
    full_slots: list[list[Any]],
    blank: Any,  # noqa: ANN401
) -> Batch:
    parts: dict[str, tuple[list[Any], tuple[int, ...]]] = {
        "image": (anchors, (len(anchors),)),
        "edit_image": _flat(slots),
        "full_image": _flat(full_slots),
    }
    tensors = {
        name: [None if picture is None else _tensor(picture) for picture in pictures]
        for name, (pictures, _) in parts.items()
    }
    there = [tensor for part in tensors.values() for tensor in part if tensor is not None]
    example = _tensor(blank) if blank is not None else there[0] if there else None
    if example is None:
        return {}
    for tensor in there:
        if tensor.shape != example.shape:
            raise ValueError(
                f"pictures of shapes {tuple(tensor.shape)} and {tuple(example.shape)} cannot be "
                "one batch; give the dataset a transform that resizes"
            )
    result: Batch = {}
    for name, (_, shape) in parts.items():
        stacked = example.new_zeros((len(tensors[name]), *example.shape))
        for number, picture in enumerate(tensors[name]):
            if picture is not None:
                stacked[number] = picture
        result[name] = stacked.reshape(*shape, *example.shape)
    return result


def _flat(rows: list[list[Any]]) -> tuple[list[Any], tuple[int, ...]]:
    pictures = [None if slot is None else slot.image for row in rows for slot in row]
    return pictures, (len(rows), len(rows[0]))


def _tensor(picture: Any) -> Tensor:  # noqa: ANN401
    """A transformed picture as a tensor; a plain one as (3, height_px, width_px) uint8."""
    import numpy as np
    import torch
    from PIL import Image

    if isinstance(picture, Image.Image):
        return torch.from_numpy(np.array(picture)).permute(2, 0, 1)
    if isinstance(picture, np.ndarray) and not picture.flags.writeable:
        picture = picture.copy()  # what `np.asarray` makes of a PIL picture; torch refuses it
    return torch.as_tensor(picture)
