"""What an export takes from the shards: sets, narrowed to what was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.core.errors import ConfigError
from pipeline.core.ids import derive_seed
from pipeline.core.truth import CONTROL, FACTUAL
from pipeline.training.vlm.pictures import is_picture
from pipeline.training.vlm.sample import KINDS, Described, Entry, describe
from pipeline.training.vlm.shard_list import Source, resolve_shards
from pipeline.training.vlm.tar_stream import stream_samples

FULL = "full"
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class ExportWishes:
    """What is to be exported.

    Attributes:
        kinds: Kinds of edits, and "full" for complete counterfactuals; None for all.
        split: Only anchors of this part; None for all.
        require_picture: Only counterfactuals whose own picture is a negative.
        k: Exactly so many counterfactuals of a set, topped up by repeating; None for as many
            as there are. Only `cf-vlm` has a use for it.

    Raises:
        ConfigError: A value cannot be.
    """

    kinds: frozenset[str] | None = None
    split: str | None = None
    require_picture: bool = False
    k: int | None = None

    def __post_init__(self) -> None:
        allowed = (*KINDS, FULL)
        if unknown := sorted((self.kinds or frozenset()) - {*allowed}):
            raise ConfigError(f"no kinds: {', '.join(unknown)}; there are {', '.join(allowed)}")
        if self.split is not None and self.split not in SPLITS:
            raise ConfigError(f"no split is called {self.split!r}; there are {', '.join(SPLITS)}")


@dataclass(frozen=True, slots=True)
class ExportSet:
    """A set with those of its counterfactuals that are asked for.

    Attributes:
        described: The whole set, with the bytes of its pictures.
        edits: Minimal edits.
        fulls: Complete counterfactuals.
    """

    described: Described
    edits: tuple[Entry, ...]
    fulls: tuple[Entry, ...]

    @property
    def key(self) -> str:
        """The anchor id."""
        return self.described.raw.key

    @property
    def caption(self) -> str:
        """The factual caption."""
        return self.described.caption

    def true_pictures(self) -> tuple[str, ...]:
        """Fields of the pictures that show the factual scene, the drawn one first."""
        files = self.described.image_files
        return tuple(dict.fromkeys(files[name] for name in (CONTROL, FACTUAL) if name in files))

    def pair_picture(self, entry: Entry) -> str | None:
        """Field of the only picture that the entry's own can be compared with."""
        beside = entry.truth.pair_image
        return None if beside is None else self.described.image_files.get(beside)

    def own_picture(self, entry: Entry) -> str | None:
        """Field of the entry's picture, where it shows something else than the factual one."""
        return entry.file if entry.truth.image_is_negative else None


@dataclass(slots=True)
class SetReader:
    """Reads the sets of a run, one in memory at a time, and counts what it leaves out.

    Attributes:
        shards: The tars.
        wishes: What is asked for.
        with_pictures: Whether the bytes of pictures are read.
        read: Sets seen so far.
        left_out: Reason → sets or counterfactuals that were left out for it.
        keeps_weights: Whether edits are given with their weights; else each is given in the share
            of the sets that its weight wants, so that nobody needs to know of weights.
    """

    shards: Sequence[str]
    wishes: ExportWishes
    with_pictures: bool = True
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    keeps_weights: bool = False

    def __iter__(self) -> Iterator[ExportSet]:
        def wants(name: str) -> bool:
            return name == "json" or (self.with_pictures and is_picture(name))

        for shard in self.shards:
            for raw in stream_samples(shard, wants):
                self.read += 1
                described = describe(raw)
                if self.wishes.split not in (None, described.split):
                    self.left_out[f"sets of another split than {self.wishes.split}"] += 1
                    continue
                edits = tuple(
                    edit
                    for edit in described.edits
                    if self._is_wanted(edit, edit.kind) and self._is_drawn(raw.key, edit)
                )
                fulls = tuple(full for full in described.fulls if self._is_wanted(full, FULL))
                yield ExportSet(described, edits, fulls)

    def _is_drawn(self, key: str, edit: Entry) -> bool:
        """Whether an edit is among the share that its weight wants; the same every time."""
        if self.keeps_weights or edit.weight is None:
            return True
        if derive_seed(0, key, f"export {edit.variant}") < edit.weight * 2**63:
            return True
        self.left_out["counterfactuals that come oftener than their reverse, by weight"] += 1
        return False

    def _is_wanted(self, entry: Entry, kind: str) -> bool:
        if self.wishes.kinds is not None and kind not in self.wishes.kinds:
            self.left_out["counterfactuals of other kinds"] += 1
            return False
        if self.wishes.require_picture and not entry.truth.image_is_negative:
            self.left_out["counterfactuals without a picture that contradicts"] += 1
            return False
        return True


def open_sets(source: Source | Sequence[Source], wishes: ExportWishes) -> SetReader:
    """Find the shards; see :func:`pipeline.training.vlm.shard_list.resolve_shards`.

    Raises:
        ConfigError: There are none.
    """
    return SetReader(resolve_shards(source), wishes)
