"""Batches through torch's DataLoader, with a place in the epoch that can be saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.training.vlm.collate import Batch, Tokenizer, collate_sets
from pipeline.training.vlm.resume import refuse_other_settings

if TYPE_CHECKING:
    from pipeline.training.vlm.loader import CounterfactualDataset
    from pipeline.training.vlm.sample import LoadedSet


@dataclass(frozen=True, slots=True)
class _Collate:
    """Runs in the worker: the batch, which worker made it, and of how many sets."""

    dataset: CounterfactualDataset
    tokenizer: Tokenizer | None
    blank: Any

    def __call__(self, sets: Sequence[LoadedSet]) -> tuple[Batch, int, int]:
        wishes = self.dataset.wishes
        batch = collate_sets(
            sets, max_edits=wishes.max_edits, max_full=wishes.max_full,
            max_neutral=wishes.max_neutral, tokenizer=self.tokenizer, blank=self.blank,
        )  # fmt: skip
        return batch, self.dataset.worker_number(), len(sets)


class SetLoader:
    """Iterates over the rest of the current epoch, then stands at the start of the next.

    Which batches come, and in which order, depends on the settings, the epoch and the number of
    workers only. :meth:`state_dict` counts the batches that were *given out*: what workers had
    made ahead is made again. Random numbers that the caller's transform draws are not part of it.
    """

    def __init__(
        self,
        dataset: CounterfactualDataset,
        *,
        batch_size: int,
        tokenizer: Tokenizer | None,
        num_workers: int,
        drop_last: bool,
        blank: Any,  # noqa: ANN401
        options: Mapping[str, Any],
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.num_workers = num_workers
        self._drop_last = drop_last
        self._collate = _Collate(dataset, tokenizer, blank)
        self._options = dict(options)
        self._epoch = dataset.epoch
        self._done: dict[int, int] = {}
        self._next_worker = 0

    def set_epoch(self, epoch: int) -> None:
        """Begin this epoch with the next iteration."""
        self._epoch, self._done, self._next_worker = epoch, {}, 0

    def state_dict(self) -> dict[str, Any]:
        """The place behind the last batch that was given out, as plain JSON values."""
        return {
            "epoch": self._epoch,
            "done": {str(worker): sets for worker, sets in sorted(self._done.items())},
            "next_worker": self._next_worker,
            "settings": self._settings(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the next iteration go on exactly there.

        Raises:
            ConfigError: The state is of a loader with other settings.
        """
        refuse_other_settings(self._settings(), state["settings"])
        self._epoch = state["epoch"]
        self._done = {int(worker): sets for worker, sets in state["done"].items()}
        self._next_worker = state["next_worker"]

    def _settings(self) -> dict[str, Any]:
        return self.dataset.settings() | {
            "batch_size": self.batch_size,
            "num_workers": self.num_workers,
            "drop_last": self._drop_last,
        }

    def __iter__(self) -> Iterator[Batch]:
        from torch.utils.data import DataLoader

        # A DataLoader for each iteration: its workers are told the place as they start.
        self.dataset.start_at(self._epoch, self._done, self._next_worker)
        dataset: Any = self.dataset
        loader: Any = DataLoader(
            dataset, batch_size=self.batch_size, collate_fn=self._collate,
            num_workers=self.num_workers, drop_last=self._drop_last, **self._options,
        )  # fmt: skip
        for batch, worker, sets in loader:
            self._done[worker] = self._done.get(worker, 0) + sets
            self._next_worker = (worker + 1) % max(1, self.num_workers)
            yield batch
        self.set_epoch(self._epoch + 1)
