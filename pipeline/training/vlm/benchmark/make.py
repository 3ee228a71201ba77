"""Makes a benchmark of a run's held-out sets: balanced by kind, filtered by the run's scores."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.training.vlm.benchmark.groups import (
    ABOUT,
    GROUPS,
    About,
    Group,
    about_to_json,
    group_to_line,
)
from pipeline.training.vlm.sample import KINDS, Described, Entry, NeutralText, describe
from pipeline.training.vlm.shard_list import Source, resolve_shards
from pipeline.training.vlm.tar_stream import stream_samples

FULL: Final = "full"
IMAGES: Final = "images"
Part = Literal["train", "validation", "test", "all"]


@dataclass(frozen=True, slots=True)
class BenchmarkWishes:
    """How a benchmark is to be.

    Attributes:
        split: Part of the anchors.
        kinds: Kinds of edits, and "full"; None for the edits of all kinds.
        per_kind: Most groups of a kind.
        drop: Share of each kind to leave out: those whose weaker picture is least like its own
            caption. It does not look at whether the right caption wins, which is the question.
        seed: Of the draws.

    Raises:
        ConfigError: A value cannot be.
    """

    split: Part = "test"
    kinds: frozenset[str] | None = None
    per_kind: int = 100
    drop: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        allowed = (*KINDS, FULL)
        if unknown := sorted((self.kinds or frozenset()) - {*allowed}):
            raise ConfigError(f"no kinds: {', '.join(unknown)}; there are {', '.join(allowed)}")
        if not 0 <= self.drop < 1:
            raise ConfigError(f"drop is a share below 1, not {self.drop}")


@dataclass(frozen=True, slots=True)
class _Candidate:
    key: str
    variant: str
    kind: str
    subkind: str
    true: str
    false: str
    pictures: tuple[str, ...]
    """Fields: of the factual picture, and of the counterfactual's where it contradicts."""
    image_text: float | None
    neutral: tuple[NeutralText, ...] = ()
    """Other words for the true caption; none where that is not the sample's own."""

    @property
    def name(self) -> str:
        return f"{self.key}-{self.variant}"


def write_benchmark(
    source: Source | Sequence[Source],
    folder: Path,
    wishes: BenchmarkWishes,
    scored_by: str | None = None,
) -> tuple[About, list[Group]]:
    """Choose groups and write them with their pictures into a folder that is there.

    The shards are read twice: first only what is said of the pictures, then the chosen ones.

    Args:
        source: A run directory or anything else that the loader reads.
        folder: An empty folder.
        wishes: What to choose.
        scored_by: The model that measured the pictures.

    Raises:
        ConfigError: There are no shards.
        PermanentError: No set of the split gives a group.
        ShardCorruptError: A shard is damaged.
    """
    shards = resolve_shards(source)
    found = list(_candidates(shards, wishes))
    chosen, dropped = _choose(found, wishes)
    if not chosen:
        raise PermanentError(_nothing(shards, wishes))
    groups = [_group(candidate, wishes.seed) for candidate in chosen]
    _write_pictures(shards, folder, chosen)
    with (folder / GROUPS).open("w", encoding="utf-8", newline="") as file:
        file.writelines(group_to_line(group) for group in groups)
    about = About(
        source=str(source),
        split=wishes.split,
        per_kind=wishes.per_kind,
        drop=wishes.drop,
        seed=wishes.seed,
        considered=_by_kind(found),
        dropped=dropped,
        kept=_by_kind(chosen),
        scored_by=scored_by,
    )
    (folder / ABOUT).write_text(about_to_json(about), "utf-8")
    return about, groups


def _candidates(shards: Sequence[str], wishes: BenchmarkWishes) -> Iterator[_Candidate]:
    """Every group that there could be, each wording once."""
    seen: set[tuple[str, str]] = set()
    for shard in shards:
        for raw in stream_samples(shard, lambda name: name == "json"):
            described = describe(raw)
            if wishes.split not in ("all", described.split):
                continue
            images: Mapping[str, Any] = json.loads(raw.fields["json"])["images"]
            for entry, kind in _entries(described):
                wanted = kind in wishes.kinds if wishes.kinds is not None else kind != FULL
                candidate = _candidate(described, entry, kind, images)
                if not wanted or candidate is None:
                    continue
                if (candidate.true, candidate.false) not in seen:
                    seen.add((candidate.true, candidate.false))
                    yield candidate


def _entries(described: Described) -> Iterator[tuple[Entry, str]]:
    for edit in described.edits:
        yield edit, edit.kind
    for full in described.fulls:
        yield full, FULL


def _candidate(
    described: Described, entry: Entry, kind: str, images: Mapping[str, Any]
) -> _Candidate | None:
    """The group of a counterfactual; None without the pictures that it needs."""
    beside = entry.truth.pair_image
    if beside is None or beside not in described.image_files:
        return None
    fields = [described.image_files[beside]]
    variants = [beside]
    if entry.truth.visible:
        if not entry.truth.image_is_negative or entry.file is None:
            return None
        fields.append(entry.file)
        variants.append(entry.variant)
    scores = [images[variant].get("scores", {}).get("image_text") for variant in variants]
    return _Candidate(
        described.raw.key, entry.variant, kind, entry.subkind, entry.truth.pair_text,
        entry.caption, tuple(fields), None if None in scores else min(scores),
        described.neutral if entry.truth.pair_text == described.caption else (),
    )  # fmt: skip


def _choose(
    found: Sequence[_Candidate], wishes: BenchmarkWishes
) -> tuple[list[_Candidate], dict[str, int]]:
    """Of each kind the same number, of as many anchors as there are."""
    kinds: dict[str, list[_Candidate]] = defaultdict(list)
    for candidate in found:
        kinds[candidate.kind].append(candidate)
    chosen: list[_Candidate] = []
    dropped: dict[str, int] = {}
    for kind in sorted(kinds):
        kept = _without_worst(kinds[kind], wishes.drop)
        dropped[kind] = len(kinds[kind]) - len(kept)
        drawn = sorted(kept, key=lambda candidate: _hash(wishes.seed, candidate.name))
        turns: Counter[str] = Counter()
        order: list[tuple[int, int]] = []
        for place, candidate in enumerate(drawn):
            # An anchor's second group comes after the first of every anchor.
            order.append((turns[candidate.key], place))
            turns[candidate.key] += 1
        chosen += [drawn[place] for _, place in sorted(order)[: wishes.per_kind]]
    return chosen, dropped


def _without_worst(candidates: Sequence[_Candidate], drop: float) -> list[_Candidate]:
    """Without the share of lowest scores; what has no score stays."""
    scored = [c for c in candidates if c.image_text is not None]
    worst = sorted(scored, key=lambda c: (c.image_text or 0.0, c.name))[: int(len(scored) * drop)]
    out = {candidate.name for candidate in worst}
    return [candidate for candidate in candidates if candidate.name not in out]


def _group(candidate: _Candidate, seed: int) -> Group:
    factual = _hash(seed, f"order {candidate.name}") % 2
    names: list[str | None] = [f"{IMAGES}/{candidate.key}.{name}" for name in candidate.pictures]
    names += [None] * (2 - len(names))
    sides = [(candidate.true, names[0]), (candidate.false, names[1])]
    if factual == 1:
        sides.reverse()
    drawn = sorted(
        candidate.neutral, key=lambda text: _hash(seed, f"{candidate.name} {text.caption}")
    )
    neutral = drawn[0] if drawn else None
    return Group(
        id=candidate.name,
        key=candidate.key,
        kind=candidate.kind,
        subkind=candidate.subkind,
        caption_0=sides[0][0],
        caption_1=sides[1][0],
        image_0=sides[0][1],
        image_1=sides[1][1],
        factual=factual,
        image_text=candidate.image_text,
        neutral=neutral.caption if neutral else None,
        neutral_kind=neutral.kind if neutral else None,
    )


def _write_pictures(shards: Sequence[str], folder: Path, chosen: Sequence[_Candidate]) -> None:
    wanted: dict[str, set[str]] = defaultdict(set)
    for candidate in chosen:
        wanted[candidate.key].update(candidate.pictures)
    fields = frozenset(name for names in wanted.values() for name in names)
    (folder / IMAGES).mkdir()
    for shard in shards:
        for raw in stream_samples(shard, lambda name: name in fields):
            for name in wanted.get(raw.key, ()):
                (folder / IMAGES / f"{raw.key}.{name}").write_bytes(raw.fields[name])


def _hash(seed: int, text: str) -> int:
    digest = hashlib.blake2b(f"{seed}\n{text}".encode(), digest_size=8, person=b"benchmark")
    return int.from_bytes(digest.digest(), "big")


def _by_kind(candidates: Sequence[_Candidate]) -> dict[str, int]:
    return dict(sorted(Counter(candidate.kind for candidate in candidates).items()))


def _nothing(shards: Sequence[str], wishes: BenchmarkWishes) -> str:
    of = "no set" if wishes.split == "all" else f"no set of the split {wishes.split}"
    return (
        f"benchmark: {of} in {len(shards)} shards has the pictures that a group needs; take a run "
        "with pictures, a larger one (5 % of the anchors are test, 5 % validation), or `--split "
        "all` of a run that nothing is trained on"
    )
