"""Counts of a shard, taken from its sidecar rows, so that a check can take them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pipeline.core.stage import MODEL
from pipeline.shards.sidecar_rows import AGAIN, ANSWER, ONCE, SidecarRow

_NUMBERS: Final = (
    "rows", "samples", "images", "anchor_images", "tokens_in", "tokens_out", "incomplete",
)  # fmt: skip
"""The plain sums among the counts."""


@dataclass(frozen=True, slots=True)
class MadeRefused:
    """How many came through and how many did not."""

    made: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class TokensUsed:
    """Language-model tokens read and written."""

    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class PictureCounts:
    """Pictures of one kind.

    Attributes:
        made: Kept in the shards.
        refused: Drawn and refused, of the candidates each.
        reasons: Reason → those that were refused for it.
    """

    made: int = 0
    refused: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """What became of the captions that a language model was asked about, and of what it wrote.

    Attributes:
        read: Captions whose answer could be read at once.
        repaired: Captions whose answer could be read when it was asked for again.
        lost: Reason → captions for which no answer could be read.
        kept: Edits and complete counterfactuals of the model in the sets.
        refused: Reason → edits and complete counterfactuals of the model that were refused.
    """

    read: int = 0
    repaired: int = 0
    lost: Mapping[str, int] = field(default_factory=dict, hash=False)
    kept: int = 0
    refused: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def asked(self) -> int:
        """Captions that the model was asked about."""
        return self.read + self.repaired + sum(self.lost.values())


@dataclass(frozen=True, slots=True)
class ShardCounts:
    """What a shard, or a run, made of its source rows: `rows == samples + sum(rejected)`.

    Attributes:
        rows: Source rows.
        samples: Anchors with a set in the tar.
        rejected: Reason → source rows that were rejected.
        edits: Edit kind → minimal edits; "unknown" for a refused one that had no kind.
        full: Complete counterfactuals.
        refused: Reason → captions and pictures that were refused, of rejected rows too.
        images: Drawn pictures in the tar; what was drawn and refused is not among them.
        anchor_images: Anchors with a picture of their own.
        tokens_in: Language-model tokens read, for rejected rows too.
        tokens_out: Language-model tokens written, likewise.
        tokens: `stage/kind` → the same tokens by what they were for, such as "edits/object".
        pictures: Edit kind, "full" or "control" → drawn pictures.
        incomplete: Samples that have pictures, but not one for each caption.
        answers: What became of the answers of a language model.
    """

    rows: int = 0
    samples: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict, hash=False)
    edits: Mapping[str, MadeRefused] = field(default_factory=dict, hash=False)
    full: MadeRefused = MadeRefused()
    refused: Mapping[str, int] = field(default_factory=dict, hash=False)
    images: int = 0
    anchor_images: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens: Mapping[str, TokensUsed] = field(default_factory=dict, hash=False)
    pictures: Mapping[str, PictureCounts] = field(default_factory=dict, hash=False)
    incomplete: int = 0
    answers: AnswerCounts = AnswerCounts()


def most_first(reasons: Mapping[str, int]) -> list[tuple[str, int]]:
    """Reasons with their counts, the most frequent first."""
    return sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))


class Tally:
    """Counts sidecar rows, or adds up finished counts."""

    __slots__ = (
        "_answers", "_captions", "_drawn", "_losses", "_lost_answers", "_made", "_numbers", "_read",
        "_refused", "_refused_of_model", "_refused_reasons", "_rejected", "_written",
    )  # fmt: skip

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._refused_reasons: Counter[str] = Counter()
        self._made: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._read: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        self._losses: Counter[tuple[str, str]] = Counter()
        self._answers: Counter[str] = Counter()
        self._lost_answers: Counter[str] = Counter()
        self._refused_of_model: Counter[str] = Counter()
        self._captions: set[str | None] = set()
        self._drawn: set[str | None] = set()

    @property
    def rows(self) -> int:
        """Source rows so far."""
        return self._numbers["rows"]

    def add(self, row: SidecarRow) -> None:
        """Count one row."""
        made = row.status == "made"
        self._add_answer(row, made=made)
        if row.item == "anchor" and not made and row.reason:
            self._rejected[row.reason] += 1
        elif not made and row.reason and row.item != ANSWER:
            self._refused_reasons[row.reason] += 1
        if row.item == "anchor":
            self._close_set()
            self._numbers["rows"] += 1
            self._numbers["samples"] += made
            self._numbers["anchor_images"] += made and row.width_px is not None
            self._numbers["tokens_in"] += row.tokens_in or 0
            self._numbers["tokens_out"] += row.tokens_out or 0
        elif row.item in {"edit", "full"}:
            label = "full" if row.item == "full" else f"edit:{row.kind or 'unknown'}"
            (self._made if made else self._refused)[label] += 1
            if made:
                self._captions.add(row.variant)
        elif row.item == "image":
            label = f"image:{row.kind or 'unknown'}"
            (self._made if made else self._refused)[label] += 1
            self._numbers["images"] += made
            if made:
                self._drawn.add(row.variant)
            elif row.reason:
                self._losses[label, row.reason] += 1
        elif row.item == "tokens":
            label = f"{row.rule}/{row.kind}"
            self._read[label] += row.tokens_in or 0
            self._written[label] += row.tokens_out or 0

    def _add_answer(self, row: SidecarRow, *, made: bool) -> None:
        """Count what a row says of a language model's answers."""
        if row.item == ANSWER and made:
            self._answers[row.kind or ONCE] += 1
        elif row.item == ANSWER:
            self._lost_answers[row.reason or ""] += 1
        elif row.item in {"edit", "full"} and (row.proposer or "").startswith(MODEL):
            if made:
                self._answers["kept"] += 1
            else:
                self._refused_of_model[row.reason or ""] += 1

    def _close_set(self) -> None:
        """Count the set whose rows are all counted."""
        self._numbers["incomplete"] += bool(self._drawn) and not self._captions <= self._drawn
        self._captions.clear()
        self._drawn.clear()

    def add_counts(self, counts: ShardCounts) -> None:
        """Add the counts of a shard."""
        for name in _NUMBERS:
            self._numbers[name] += getattr(counts, name)
        for kind, drawn in {f"image:{k}": v for k, v in counts.pictures.items()}.items():
            self._made[kind] += drawn.made
            self._refused[kind] += drawn.refused
            self._losses.update({(kind, reason): n for reason, n in drawn.reasons.items()})
        self._rejected.update(counts.rejected)
        self._refused_reasons.update(counts.refused)
        for kind, both in {f"edit:{k}": v for k, v in counts.edits.items()}.items():
            self._made[kind] += both.made
            self._refused[kind] += both.refused
        for label, used in counts.tokens.items():
            self._read[label] += used.tokens_in
            self._written[label] += used.tokens_out
        said = counts.answers
        self._answers.update({ONCE: said.read, AGAIN: said.repaired, "kept": said.kept})
        self._lost_answers.update(said.lost)
        self._refused_of_model.update(said.refused)
        self._made["full"] += counts.full.made
        self._refused["full"] += counts.full.refused

    def counts(self) -> ShardCounts:
        """The sums so far."""
        self._close_set()
        return ShardCounts(
            **{name: self._numbers[name] for name in _NUMBERS},
            rejected=dict(sorted(self._rejected.items())),
            edits={
                kind.removeprefix("edit:"): MadeRefused(self._made[kind], self._refused[kind])
                for kind in self._kinds("edit:")
            },
            full=MadeRefused(self._made["full"], self._refused["full"]),
            refused=dict(sorted(self._refused_reasons.items())),
            tokens={
                label: TokensUsed(self._read[label], self._written[label])
                for label in sorted(self._read)
            },
            pictures={
                kind.removeprefix("image:"): PictureCounts(
                    self._made[kind],
                    self._refused[kind],
                    {why: n for (what, why), n in sorted(self._losses.items()) if what == kind},
                )
                for kind in self._kinds("image:")
            },
            answers=AnswerCounts(
                self._answers[ONCE],
                self._answers[AGAIN],
                dict(sorted(self._lost_answers.items())),
                self._answers["kept"],
                dict(sorted(self._refused_of_model.items())),
            ),
        )

    def _kinds(self, prefix: str) -> list[str]:
        return sorted(kind for kind in {*self._made, *self._refused} if kind.startswith(prefix))
