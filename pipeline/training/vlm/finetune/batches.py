"""The training's batches: one after the other without end, with a place to go on from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from pipeline.training.vlm.sample import describe
from pipeline.training.vlm.shard_list import resolve_shards
from pipeline.training.vlm.tar_stream import stream_samples

if TYPE_CHECKING:
    from pipeline.training.vlm.collate import Batch
    from pipeline.training.vlm.finetune.config import VlmConfig
    from pipeline.training.vlm.finetune.model import TrainedModel


_EMPTY_EPOCHS = 2
"""The rest of an epoch that is gone on with may hold nothing; a whole one must not."""


def require_pictures(run: str, split: str | None = None, *, neutral: bool = False) -> None:
    """Look for a set with a picture; reads no further than the first.

    Args:
        run: What to learn from.
        split: Part of the anchors; None for all.
        neutral: Whether that set must have a neutral variant too.

    Raises:
        ConfigError: There are no shards, no set of the split, or none that has these.
    """
    if not run:
        raise ConfigError("name what to learn from: a run directory, or tars of one")
    sets = pictured = 0
    for shard in resolve_shards(run):
        for raw in stream_samples(shard, lambda name: name == "json"):
            described = describe(raw)
            if split in (None, described.split):
                sets += 1
                pictured += bool(described.image_files)
                if described.image_files and (described.neutral or not neutral):
                    return
    if pictured:
        raise ConfigError(
            f"{run} holds no neutral variants of its captions; make a run with edits.max_neutral, "
            "or leave neutral_weight at 0"
        )
    what = f"{sets} sets without a picture" if sets else f"no set of the split {split}"
    raise ConfigError(
        f"{run} holds {what}: a vision-language model learns from pictures; make a run with "
        "--images sdxl, or of a source that has some" + ("" if sets else ", or a larger one")
    )


class EndlessBatches:
    """Batches of epoch after epoch; :meth:`state` says where it stands behind the last one.

    Every process reads shards of its own and begins its next epoch when it is through them, so
    that none waits for another.
    """

    def __init__(self, config: VlmConfig, model: TrainedModel, rank: int, world_size: int) -> None:
        sets = config.sets
        dataset = CounterfactualDataset(
            config.run,
            transform=model.transform,
            decode_px=model.side_px,
            anchor=sets.anchor,
            kinds=sets.kinds or None,
            max_edits=sets.max_edits,
            max_full=sets.max_full,
            max_neutral=sets.max_neutral if config.neutral_weight else 0,
            balance="kind" if sets.balance else None,
            split=None if sets.split == "all" else sets.split,
            shuffle_buffer=sets.shuffle_buffer,
            seed=config.seed,
            rank=rank,
            world_size=world_size,
        )
        self._loader = make_loader(
            dataset,
            batch_size=config.train.batch_size,
            tokenizer=model.tokenizer,
            num_workers=sets.workers,
        )
        self.samples = dataset.num_samples
        self._batches: Iterator[Batch] | None = None

    def state(self) -> Mapping[str, Any]:
        """The place behind the last batch, as plain JSON."""
        return self._loader.state_dict()

    def go_to(self, state: Mapping[str, Any]) -> None:
        """Go on behind the batch at which the state was taken.

        Raises:
            ConfigError: It was taken of other data or settings.
        """
        self._loader.load_state_dict(state)
        self._batches = None

    def __next__(self) -> Batch:
        """The next batch.

        Raises:
            ConfigError: A whole epoch holds none.
        """
        if self._batches is None:
            self._batches = self._endless()
        return next(self._batches)

    def _endless(self) -> Iterator[Batch]:
        empty = 0
        while empty < _EMPTY_EPOCHS:
            empty += 1
            for batch in self._loader:
                empty = 0
                yield batch
        raise ConfigError(
            "no set of the run has what the training asks for (sets.split, sets.kinds); take a "
            "larger run, or fewer conditions"
        )
