"""From a batch of sets to the features that the losses take: each text and picture once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.training.vlm.collate import Batch


def encode_sets(
    batch: Batch,
    *,
    encode_image: Callable[[Tensor], Tensor],
    encode_text: Callable[[Any], Tensor],
    device: Any = None,  # noqa: ANN401
) -> dict[str, Tensor]:
    """Encode what is there, in one call a tower, and set it into the losses' shapes.

    Masked slots cost nothing, and so do true wordings that are the caption itself and pictures
    that no loss may use as negatives.

    Args:
        batch: Of :func:`collate_sets`, with a tokenizer.
        encode_image: (pictures, …) to (pictures, dim).
        encode_text: Tokens (texts, …), a tensor or a mapping as the tokenizer gives, to
            (texts, dim).
        device: Where the model is; None: where the batch is.

    Returns:
        `text`, `edit_text`, `pair_text`, `full_text`, `neutral_text`, and with pictures `image`,
        `edit_image`, `full_image`: (batch, dim) or (batch, slots, dim), zeros where masked; and
        the masks.
    """
    import torch

    masks = {
        name: value.to(device) for name, value in batch.items() if isinstance(value, torch.Tensor)
        and name not in {"image", "edit_image", "full_image"} and not name.endswith("text")
    }  # fmt: skip
    everyone = torch.ones(len(batch["key"]), dtype=torch.bool)
    edit_mask = batch["edit_mask"]
    texts = _encode(
        {
            "text": (batch["text"], everyone),
            "edit_text": (batch["edit_text"], edit_mask),
            "pair_text": (batch["pair_text"], edit_mask & ~batch["pair_is_caption"]),
            "full_text": (batch["full_text"], batch["full_mask"]),
            "neutral_text": (batch["neutral_text"], batch["neutral_mask"]),
        },
        encode_text,
        device,
    )
    if "image" not in batch:
        return masks | texts
    images = _encode(
        {
            "image": (batch["image"], batch["has_image"]),
            "edit_image": (batch["edit_image"], batch["edit_image_is_negative"]),
            "full_image": (batch["full_image"], batch["full_has_image"]),
        },
        encode_image,
        device,
        like=texts["text"],
    )
    return masks | texts | images


def _encode(
    parts: Mapping[str, tuple[Any, Tensor]],
    encode: Callable[[Any], Tensor],
    device: Any,  # noqa: ANN401
    like: Tensor | None = None,
) -> dict[str, Tensor]:
    import torch

    taken = [_taken(values, mask) for values, mask in parts.values()]
    counts = [int(mask.sum()) for _, mask in parts.values()]
    if sum(counts):
        features = encode(_joined(taken, device))
    elif like is not None:
        features = like.new_zeros(0, like.shape[-1])
    else:
        raise ValueError("there is nothing to encode")
    result: dict[str, Tensor] = {}
    pieces = torch.split(features, counts)
    for (name, (_, mask)), own in zip(parts.items(), pieces, strict=True):
        whole = features.new_zeros(*mask.shape, features.shape[-1])
        where = mask.to(features.device)
        result[name] = whole.masked_scatter(where[..., None], own) if len(own) else whole
    return result


def _taken(values: Any, mask: Tensor) -> Any:  # noqa: ANN401
    if isinstance(values, Mapping):
        return {name: value[mask] for name, value in values.items()}
    return values[mask]


def _joined(parts: list[Any], device: Any) -> Any:  # noqa: ANN401
    import torch

    if isinstance(parts[0], Mapping):
        return {name: torch.cat([part[name] for part in parts]).to(device) for name in parts[0]}
    return torch.cat(parts).to(device)
