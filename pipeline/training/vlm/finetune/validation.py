"""How well a model tells held-out counterfactuals from the facts, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from pipeline.training.vlm.sample import KINDS

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.training.vlm.collate import Batch
    from pipeline.training.vlm.finetune.config import VlmConfig
    from pipeline.training.vlm.finetune.model import TrainedModel

MOST_EDITS: Final = 16
"""Edits of a set that are looked at."""


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What held-out sets say.

    Attributes:
        step: Optimiser steps done.
        loss: Mean over the batches.
        accuracy: Kind → share of its edits that are told apart.
        counted: Kind → edits.
    """

    step: int
    loss: float
    accuracy: Mapping[str, float]
    counted: Mapping[str, int]

    @property
    def mean(self) -> float:
        """Mean of the kinds' accuracies; 0 without any."""
        return sum(self.accuracy.values()) / max(1, len(self.accuracy))

    @property
    def rank(self) -> tuple[float, float]:
        """What the best weights have most of: accuracy, and of equals the lower loss."""
        return self.mean, -self.loss


def validation_batches(config: VlmConfig, model: TrainedModel) -> Iterable[Batch]:
    """The held-out sets, the same ones in the same order each time it is iterated over."""
    dataset = CounterfactualDataset(
        config.run,
        transform=model.transform,
        decode_px=model.side_px,
        anchor="factual" if config.sets.anchor == "factual" else "control",
        kinds=config.sets.kinds or None,
        max_edits=MOST_EDITS,
        max_full=config.sets.max_full,
        max_neutral=config.sets.max_neutral if config.neutral_weight else 0,
        split=config.validation.split,
        shuffle_buffer=0,
        seed=config.seed,
        rank=0,
        world_size=1,
    )
    loader = make_loader(
        dataset, batch_size=config.validation.batch_size, tokenizer=model.tokenizer
    )
    batches = -(-config.validation.most_sets // config.validation.batch_size)

    class Again:
        def __iter__(self) -> Any:  # noqa: ANN401
            loader.set_epoch(0)
            return islice(iter(loader), batches)

    return Again()


def validate(
    step: int,
    batches: Iterable[Batch],
    evaluate: Callable[[Batch], tuple[Mapping[str, Tensor], float]],
) -> ValidationResult | None:
    """Look at all batches; None where there are none.

    Args:
        step: Optimiser steps done.
        batches: Held-out sets.
        evaluate: Gives the features of :func:`pipeline.training.vlm.features.encode_sets`, and
            the loss.
    """
    right: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    losses: list[float] = []
    for batch in batches:
        features, loss = evaluate(batch)
        losses.append(loss)
        if "image" not in features:
            continue
        told, seen = told_apart(features)
        for number, kind in enumerate(KINDS):
            of_kind = seen & (batch["edit_kind"].to(seen.device) == number)
            counted[kind] += int(of_kind.sum())
            right[kind] += int((told & of_kind).sum())
    if not losses:
        return None
    kinds = [kind for kind in KINDS if counted[kind]]
    return ValidationResult(
        step=step,
        loss=sum(losses) / len(losses),
        accuracy={kind: right[kind] / counted[kind] for kind in kinds},
        counted={kind: counted[kind] for kind in kinds},
    )


def told_apart(features: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Which edits the model tells from the facts, and which could be asked about.

    With a picture that contradicts the factual one an edit is told apart if each picture is
    nearer to its own text and each text nearer to its own picture (Winoground's group score);
    without one, if the factual picture is nearer to the true wording.

    Returns:
        Two (batch, edits) bool.
    """
    import torch
    from torch.nn.functional import normalize

    image, edit_image = normalize(features["image"], dim=-1), normalize(
        features["edit_image"], dim=-1
    )  # fmt: skip
    caption = features["text"][:, None].expand_as(features["edit_text"])
    own = features["pair_is_caption"][..., None]
    true = normalize(torch.where(own, caption, features["pair_text"]), dim=-1)
    false = normalize(features["edit_text"], dim=-1)
    anchor = image[:, None]
    right = (anchor * true).sum(-1) > (anchor * false).sum(-1)
    group = (
        right
        & ((edit_image * false).sum(-1) > (edit_image * true).sum(-1))
        & ((anchor * true).sum(-1) > (edit_image * true).sum(-1))
        & ((edit_image * false).sum(-1) > (anchor * false).sum(-1))
    )
    has_pair = features["edit_image_is_negative"]
    seen = features["edit_mask"] & features["has_image"][:, None]
    return torch.where(has_pair, group, right) & seen, seen
