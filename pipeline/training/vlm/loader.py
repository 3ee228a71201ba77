"""Counterfactual sets from the shards, for a training loop of any kind.

dataset = CounterfactualDataset("outputs/run", transform=preprocess, max_edits=4, max_full=1)
for batch in make_loader(dataset, batch_size=64, tokenizer=tokenizer, num_workers=4):
    ...
"""

from __future__ import annotations

import hashlib
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

from PIL import Image

from pipeline.training.vlm.choice import AnchorPicture, Chooser, Pictures, Wishes
from pipeline.training.vlm.collate import Tokenizer, collate_sets
from pipeline.training.vlm.pictures import Transform, is_picture, load_set
from pipeline.training.vlm.places import Place, current_process, current_worker
from pipeline.training.vlm.resume import refuse_other_settings
from pipeline.training.vlm.sample import LoadedSet, RawSample, describe
from pipeline.training.vlm.set_loader import SetLoader
from pipeline.training.vlm.shard_list import Source, count_samples, resolve_shards
from pipeline.training.vlm.tar_stream import stream_samples

__all__ = ["CounterfactualDataset", "SetLoader", "collate_sets", "make_loader"]


class CounterfactualDataset:
    """Yields each set of the shards once an epoch; equal settings give equal sets, in order.

    Every process and worker reads shards of its own; only where there are fewer shards than
    processes do all read every shard, and each takes every n-th sample. Nothing depends on
    time. Only the pictures that are yielded are decoded. It is an iterable dataset to torch's
    DataLoader where torch is installed, and a plain iterable without.

    Args:
        shards: A run directory, `shards.txt`, tars, patterns or fsspec addresses; see
            :func:`pipeline.training.vlm.shard_list.resolve_shards`.
        transform: From a `PIL.Image` (RGB) to what the model takes; None keeps the picture.
        decode_px: The least width and height that `transform` needs. JPEGs are decoded no
            larger than necessary; None decodes in full.
        anchor: The factual picture of a set: "control" is drawn by the model that drew the
            counterfactuals; "factual" is the anchor's own, and the control where it has none;
            "either" draws one of the two for each set and epoch.
        pictures: "optional": sets and edits without a picture are yielded with None;
            "required": a set needs its factual picture, an edit a picture that is a negative to
            it, a complete counterfactual its picture; "none": no picture is read.
        kinds: Only edits of these kinds.
        max_edits: Most edits of a set, drawn anew each epoch; None: all.
        max_full: Most complete counterfactuals of a set, likewise.
        max_neutral: Most neutral variants of the caption, likewise; 0 for none.
        balance: "kind": where there is a choice, take the kinds that were given least so far.
        top_up: Repeat edits, each marked, until a set has `max_edits`; sets without any are
            left out.
        split: Only anchors of this part: "train", "validation" or "test".
        shuffle_buffer: Samples to shuffle among, in memory, still encoded; 0: the order of the
            shards.
        resampled: Draw shards at random with replacement, without end: all processes then take
            equally many steps.
        seed: Of all draws.
        rank: Number of this process; None: torch.distributed's, else RANK, else 0.
        world_size: Number of processes, likewise.

    Raises:
        ConfigError: No tar is found, or an argument cannot be.
    """

    def __init__(
        self,
        shards: Source | Sequence[Source],
        *,
        transform: Transform | None = None,
        decode_px: int | None = None,
        anchor: AnchorPicture = "control",
        pictures: Pictures = "optional",
        kinds: Sequence[str] | None = None,
        max_edits: int | None = None,
        max_full: int | None = None,
        max_neutral: int | None = 0,
        balance: Literal["kind"] | None = None,
        top_up: bool = False,
        split: str | None = None,
        shuffle_buffer: int = 256,
        resampled: bool = False,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        self.wishes = Wishes(
            anchor=anchor,
            pictures=pictures,
            kinds=None if kinds is None else frozenset(kinds),
            max_edits=max_edits,
            max_full=max_full,
            max_neutral=max_neutral,
            balance=balance,
            top_up=top_up,
            split=split,
        )
        self.shards = resolve_shards(shards)
        self.transform = transform
        self.decode_px = decode_px
        self.shuffle_buffer = shuffle_buffer
        self.resampled = resampled
        self.seed = seed
        self.process = (rank, world_size)
        self.epoch = 0
        self._start: dict[int, int] = {}
        self._given: dict[int, int] = {}
        self._first_worker = 0
        _register_with_torch(type(self))

    @property
    def num_samples(self) -> int | None:
        """Samples in the shards before any choice, by `sizes.json`; None where it lacks one."""
        return count_samples(self.shards)

    def set_epoch(self, epoch: int) -> None:
        """Begin this epoch at its first set: another order and other draws than any other."""
        self.start_at(epoch, {})

    def start_at(self, epoch: int, done: Mapping[int, int], first_worker: int = 0) -> None:
        """Begin the next iteration in the middle of an epoch; later ones begin at its start.

        Args:
            epoch: The epoch.
            done: Worker → sets that it has given of the epoch.
            first_worker: The worker whose turn it is: torch's worker 0 then is that one.
        """
        self.epoch = epoch
        self._start = dict(done)
        self._given = dict(done)
        self._first_worker = first_worker

    def state_dict(self) -> dict[str, Any]:
        """Where the iteration in this process stands; for a DataLoader ask its SetLoader."""
        return {"epoch": self.epoch, "done": dict(self._given), "settings": self.settings()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on exactly behind the last set that was given when the state was taken.

        Raises:
            ConfigError: The state is of a dataset with other settings.
        """
        refuse_other_settings(self.settings(), state["settings"])
        self.start_at(state["epoch"], {int(k): v for k, v in state["done"].items()})

    def settings(self) -> dict[str, Any]:
        """What decides which sets come in which order, as plain JSON; without where they lie."""
        wishes = self.wishes
        names = "\n".join(shard.rpartition("/")[2] for shard in self.shards)
        rank, world_size = current_process(*self.process)
        return {
            "shards": hashlib.blake2b(names.encode(), digest_size=8).hexdigest(),
            "anchor": wishes.anchor,
            "pictures": wishes.pictures,
            "kinds": None if wishes.kinds is None else sorted(wishes.kinds),
            "max_edits": wishes.max_edits,
            "max_full": wishes.max_full,
            "balance": wishes.balance,
            "top_up": wishes.top_up,
            "split": wishes.split,
            "shuffle_buffer": self.shuffle_buffer,
            "resampled": self.resampled,
            "seed": self.seed,
            "rank": rank,
            "world_size": world_size,
            # Checkpoints from before there were any have no word of them.
            **({} if wishes.max_neutral == 0 else {"max_neutral": wishes.max_neutral}),
        }

    def local_shards(self) -> int:
        """Shards that the workers of this process share."""
        _, world_size = current_process(*self.process)
        if self.resampled or len(self.shards) < world_size:
            return len(self.shards)
        return len(self.shards) // world_size

    def worker_number(self) -> int:
        """Number of the worker that this process is, counted from the one whose turn it was."""
        number, workers = current_worker()
        return (number + self._first_worker) % workers

    def __iter__(self) -> Iterator[LoadedSet]:
        rank, world_size = current_process(*self.process)
        _, workers = current_worker()
        worker = self.worker_number()
        place = Place(rank, world_size, worker, workers)
        done = self._start.pop(worker, 0)
        chooser = Chooser(self.wishes)
        seen = given = 0
        for raw in self._shuffled(place):
            seen += 1
            described = describe(raw)
            rng = self._rng("set", raw.key, seen if self.resampled else 0)
            choice = chooser.choose(described, rng)
            if choice is None:
                continue
            given += 1
            if given > done:
                self._given[worker] = given
                yield load_set(described, choice, self.transform, self.decode_px)
        if seen and not given:
            warnings.warn(
                f"none of {seen} samples has what is asked for: {self.wishes}; with "
                "anchor='factual' and photographs, no drawn edit is a negative to its anchor",
                stacklevel=2,
            )

    def _rng(self, *parts: object) -> random.Random:
        text = "\n".join(map(str, (self.seed, self.epoch, *parts)))
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        return random.Random(digest)  # noqa: S311

    def _shuffled(self, place: Place) -> Iterator[RawSample]:
        """The samples of this place, each drawn at random from a buffer."""
        if not self.shuffle_buffer:
            yield from self._samples(place)
            return
        rng = self._rng("buffer", place)
        buffer: list[RawSample] = []
        for raw in self._samples(place):
            if len(buffer) < self.shuffle_buffer:
                buffer.append(raw)
                continue
            index = rng.randrange(len(buffer))
            buffer[index], raw = raw, buffer[index]
            yield raw
        rng.shuffle(buffer)
        yield from buffer

    def _samples(self, place: Place) -> Iterator[RawSample]:
        def wants(field: str) -> bool:
            return field == "json" or (self.wishes.pictures != "none" and is_picture(field))

        if self.resampled:
            rng = self._rng("shards", place)
            while True:
                yield from stream_samples(rng.choice(self.shards), wants)
        shards = list(self.shards)
        if self.shuffle_buffer:
            self._rng("shards").shuffle(shards)
        mine, step, first = place.part(shards)
        samples = (raw for shard in mine for raw in stream_samples(shard, wants))
        yield from islice(samples, first, None, step)


def make_loader(
    dataset: CounterfactualDataset,
    *,
    batch_size: int,
    tokenizer: Tokenizer | None = None,
    num_workers: int = 0,
    drop_last: bool = False,
    **options: Any,  # noqa: ANN401
) -> SetLoader:
    """Batches of the dataset's sets, made by worker processes and resumable exactly.

    Shapes are fixed where the dataset has `max_edits` and `max_full`, and a transform.

    Args:
        dataset: The sets.
        batch_size: Sets in a batch; the last one of each worker may have fewer.
        tokenizer: From a list of texts to a tensor, or to a mapping of tensors, each (texts,
            …); open_clip's and `functools.partial(tokenizer, padding="max_length",
            truncation=True, return_tensors="pt")` of transformers are such. None: lists of text.
        num_workers: Worker processes; more than there are shards for are not started.
        drop_last: Leave out batches with fewer sets.
        options: Of `torch.utils.data.DataLoader`, such as `pin_memory`.
    """
    most = dataset.local_shards()
    if num_workers > most and not dataset.resampled:
        warnings.warn(
            f"{num_workers} workers for {most} shards: {most} are started, since each reads "
            "shards of its own",
            stacklevel=2,
        )
        num_workers = most
    blank = None
    if dataset.transform is not None and dataset.wishes.pictures != "none":
        side_px = dataset.decode_px or 224
        blank = dataset.transform(Image.new("RGB", (side_px, side_px)))
    return SetLoader(
        dataset, batch_size=batch_size, tokenizer=tokenizer, num_workers=num_workers,
        drop_last=drop_last, blank=blank, options=options,
    )  # fmt: skip


def _register_with_torch(kind: type) -> None:
    """Let torch's DataLoader know the class as an iterable dataset, without needing torch."""
    try:
        from torch.utils.data import IterableDataset
    except ImportError:
        return
    IterableDataset.register(kind)
