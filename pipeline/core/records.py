"""The frozen records of the stream, validated on construction.

``Anchor`` → ``CaptionEdit``s → ``CounterfactualSet`` → ``RenderedSet`` → ``Sample``.
A set (one anchor with everything made from it) is the unit of caching, rejection and
resume; it never spans shards.

Longer than 300 lines because the chain is read as one: each record is made of those before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.stage import Rejected, TokenShare
from pipeline.core.strategies import StrategyParameters
from pipeline.core.truth import has_own_picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = 4
"""Version of a sample's fields and of the sidecar's columns; readers refuse a newer one."""


class EditKind(StrEnum):
    """What a minimal edit changes."""

    OBJECT = "object"
    ATTRIBUTE = "attribute"
    COUNT = "count"
    RELATION = "relation"
    ACTION = "action"
    NEGATION = "negation"
    SWAP = "swap"
    CAUSAL_ORDER = "causal_order"


class Role(StrEnum):
    """Why a piece of the factual wording is replaced."""

    EDIT = "edit"
    """The decisive change itself."""
    REPAIR = "repair"
    """Article, agreement or spacing that the decisive change demands."""


TWO_SPAN_KINDS = frozenset({EditKind.SWAP, EditKind.CAUSAL_ORDER, EditKind.NEGATION})
"""Kinds whose one edit touches two places: phrases that exchange places, or a `not` that moves."""


@dataclass(frozen=True, slots=True)
class AnchorImage:
    """The anchor's own picture: upright, 8-bit, sRGB and without alpha to every decoder.

    The bytes are those of the source where these are so; see :mod:`pipeline.sources.pictures`.

    Attributes:
        data: The encoded file.
        extension: "jpg", "png" or "webp".
        width_px: Width after decoding.
        height_px: Height after decoding.
    """

    data: bytes = field(repr=False)
    extension: str
    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        if self.extension not in {"jpg", "png", "webp"}:
            raise ValueError(f"extension must be jpg, png or webp, not {self.extension!r}")
        if not self.data or self.width_px < 1 or self.height_px < 1:
            raise ValueError("an anchor image needs bytes and a positive size")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One factual caption, with its image where the source has one.

    Attributes:
        anchor_id: Hash of source and content (see :mod:`pipeline.core.ids`); without dots,
            so that it can be a WebDataset key.
        caption: Natural text: one line, no control characters, not empty.
        original_caption: The caption exactly as the source holds it.
        source: Kind of source that read it ("cc_tsv", "webdataset", "tabular").
        origin: Where it stands, for a person: `file:line`, `archive:key`, `file:row`.
        url: Address of the image where the source names one. Data; never fetched.
        image: The picture, or None for a caption-only anchor.
    """

    anchor_id: str
    caption: str
    original_caption: str
    source: str
    origin: str
    url: str | None = None
    image: AnchorImage | None = None

    def __post_init__(self) -> None:
        if not self.anchor_id or "." in self.anchor_id or "/" in self.anchor_id:
            raise ValueError(f"anchor_id {self.anchor_id!r} cannot be a WebDataset key")
        if not self.caption.strip():
            raise ValueError(f"{self.origin}: the caption is empty")


@dataclass(frozen=True, slots=True)
class Replacement:
    """One piece of the factual wording and what stands there in the counterfactual.

    Attributes:
        start: Offset of the first replaced character in the factual wording.
        end: Offset behind the last one; equal to `start` for an insertion.
        old: `factual[start:end]`, kept so that a reader can check it.
        new: The text that takes its place; empty for a deletion.
        role: Whether it is the edit or a repair that the edit demands.
    """

    start: int
    end: int
    old: str
    new: str
    role: Role = Role.EDIT

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end or self.end - self.start != len(self.old):
            raise ValueError(f"span {self.start}:{self.end} does not fit {self.old!r}")
        if self.old == self.new:
            raise ValueError(f"a replacement must change something, got {self.old!r} twice")


def replaced(text: str, replacements: Sequence[Replacement]) -> str:
    """A text with pieces of it replaced; they are in order and do not overlap."""
    pieces: list[str] = []
    position = 0
    for piece in replacements:
        pieces += [text[position : piece.start], piece.new]
        position = piece.end
    return "".join([*pieces, text[position:]])


@dataclass(frozen=True, slots=True)
class CaptionEdit:
    """A minimally edited counterfactual: one typed edit of a factual wording.

    The counterfactual caption is derived from `factual` and `replacements`, so the two
    can never disagree, and the changed characters are known and not guessed by a diff.

    Attributes:
        kind: What the edit changes.
        subkind: Finer label within the kind, such as "colour" or "left_right".
        factual: The wording that is edited. Usually the anchor's caption; an edit may
            carry its own, equally true of the anchor (a composed causal caption).
        replacements: In order, not overlapping; exactly one has the role EDIT, or two
            where phrases exchange places or a negation moves.
        old: The decisive words in the factual wording ("red"), for tables and balance.
        new: Their counterpart ("blue").
        proposer: Who proposed it: "rules" or "llm:<model>".
        rule: Name of the rule or prompt version that made it.
        weight: What the edit counts beside others so that it and its reverse weigh the same, in
            (0, 1]; None where edits are not weighted.
    """

    kind: EditKind
    subkind: str
    factual: str
    replacements: tuple[Replacement, ...]
    old: str
    new: str
    proposer: str = "rules"
    rule: str = ""
    weight: float | None = None

    def __post_init__(self) -> None:
        edits = sum(r.role is Role.EDIT for r in self.replacements)
        most = 2 if self.kind in TWO_SPAN_KINDS else 1
        if not 1 <= edits <= most:
            raise ValueError(f"{self.kind} edit with {edits} decisive replacements")
        position = 0
        for index, piece in enumerate(self.replacements):
            if piece.start < position or (index and piece.start == position == piece.end):
                raise ValueError("replacements overlap or are out of order")
            if self.factual[piece.start : piece.end] != piece.old:
                raise ValueError(f"{piece.old!r} does not stand at {piece.start} of the factual")
            position = piece.end
        if self.caption == self.factual or not self.caption.strip():
            raise ValueError("the edit changes nothing or leaves nothing")

    @property
    def caption(self) -> str:
        """The counterfactual caption."""
        return replaced(self.factual, self.replacements)

    @property
    def caption_spans(self) -> tuple[tuple[int, int], ...]:
        """Half-open character span of each replacement in :attr:`caption`, in order."""
        spans: list[tuple[int, int]] = []
        shift = 0
        for piece in self.replacements:
            start = piece.start + shift
            spans.append((start, start + len(piece.new)))
            shift += len(piece.new) - len(piece.old)
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class FullCaption:
    """A complete counterfactual: a coherent different scene with its own caption.

    Attributes:
        caption: The whole new caption.
        proposer: "rules" or "llm:<model>".
        rule: Name of the rule or prompt version.
        contradicts: What differs from the anchor, such as ("object", "attribute", "setting").
    """

    caption: str
    proposer: str
    rule: str = ""
    contradicts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.caption.strip():
            raise ValueError("a complete counterfactual needs a caption")


@dataclass(frozen=True, slots=True)
class NeutralCaption:
    """The factual caption said in another way: a change that must not move a score.

    Attributes:
        caption: As true of the anchor as its own caption, and of nothing else.
        rule: Name of the rule that reworded it.
    """

    caption: str
    rule: str

    def __post_init__(self) -> None:
        if not self.caption.strip():
            raise ValueError("a neutral variant needs a caption")

    @property
    def kind(self) -> str:
        """What was changed: "order", "clause" or "synonym"."""
        return self.rule.partition(".")[0]


@dataclass(frozen=True, slots=True)
class CounterfactualSet:
    """One anchor with every counterfactual caption that was accepted for it.

    Attributes:
        anchor: The factual side.
        minimal: Variant `min0` is the first, and so on.
        full: Variant `full0` is the first, and so on.
        refused: Candidates that were proposed and turned down, each with its reason.
        tokens_in: Language-model tokens read for this set.
        tokens_out: Language-model tokens written for this set.
        shares: The same by stage and kind.
        answers: For each answer of a language model about it "read", or why nothing of it could
            be; the last one decides.
        neutral: The caption in other words, where any were asked for and found.
    """

    anchor: Anchor
    minimal: tuple[CaptionEdit, ...] = ()
    full: tuple[FullCaption, ...] = ()
    refused: tuple[Rejected, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    shares: tuple[TokenShare, ...] = ()
    answers: tuple[str, ...] = ()
    neutral: tuple[NeutralCaption, ...] = ()

    def __post_init__(self) -> None:
        if not self.minimal and not self.full:
            raise ValueError(f"set {self.anchor.anchor_id} holds no counterfactual")

    @property
    def is_drawn(self) -> bool:
        """Whether it has a counterfactual that a picture can show."""
        return bool(self.full) or any(has_own_picture(edit.kind) for edit in self.minimal)

    def captions(self) -> dict[str, str]:
        """Counterfactual caption by variant name: min0, min1 and so on, then full0 and so on."""
        named = {f"min{i}": edit.caption for i, edit in enumerate(self.minimal)}
        return named | {f"full{i}": full.caption for i, full in enumerate(self.full)}


@dataclass(frozen=True, slots=True)
class RenderedImage:
    """One drawn picture and what is needed to draw it again.

    Attributes:
        variant: "control", "min0", "full0", …
        pixels: (height_px, width_px, 3) uint8, RGB.
        prompt: The text that was drawn.
        seed: Seed of the initial noise.
        strategy: How it was drawn; a name of :mod:`pipeline.core.strategies`.
        candidate: Which of the variant's candidates it is, from 0.
        parameters: The strategy's numbers.
        scores: What was measured of it, by name (see :mod:`pipeline.core.scores`); a score that no
            scorer gave is not there.
        encoded: Its JPEG file where it was stored before; empty for a picture just drawn.
        perceptual_hash: 64 bits by which near-duplicates are found; None where pictures are
            not measured.
        negative_prompt: What was kept out of it, where that is not what the settings keep out
            of every picture; else empty.
    """

    variant: str
    pixels: NDArray[np.uint8] = field(repr=False, compare=False)
    prompt: str
    seed: int
    strategy: str
    candidate: int = 0
    parameters: StrategyParameters = StrategyParameters()
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)
    encoded: bytes = field(default=b"", repr=False)
    perceptual_hash: int | None = None
    negative_prompt: str = ""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype.name != "uint8":
            raise ValueError(
                f"{self.variant}: pixels must be (height, width, 3) uint8, got "
                f"{self.pixels.shape} {self.pixels.dtype}"
            )


@dataclass(frozen=True, slots=True)
class RenderedSet:
    """A counterfactual set with its drawn pictures.

    Attributes:
        cfset: The captions.
        images: Empty for caption-only runs; otherwise one for each drawn variant.
        candidates: All that `images` were chosen from, where they are to be kept.
        missing: Variant → reason, for each caption whose pictures were all refused. The
            caption stays in the set as text; nothing takes the picture's place.
        refused: The pictures that selection refused, each with its reason and scores.
    """

    cfset: CounterfactualSet
    images: tuple[RenderedImage, ...] = ()
    candidates: tuple[RenderedImage, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict, hash=False)
    refused: tuple[Rejected, ...] = ()

    def __post_init__(self) -> None:
        names = [image.variant for image in self.images]
        if len(set(names)) != len(names):
            raise ValueError(f"set {self.cfset.anchor.anchor_id} has a variant twice: {names}")
        numbered = {(image.variant, image.candidate) for image in self.candidates}
        if len(numbered) != len(self.candidates):
            raise ValueError(f"set {self.cfset.anchor.anchor_id} has a candidate twice")


@dataclass(frozen=True, slots=True)
class RejectedSet(Rejected):
    """An anchor whose pictures were drawn, and then too many of them refused.

    Attributes:
        candidates: All of its pictures, where they are to be kept.
    """

    candidates: tuple[RenderedImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One anchor's set as it goes into the tar.

    Attributes:
        key: The anchor id; no dots.
        fields: Extension → bytes, such as "txt", "min0.jpg"; written in sorted order.
    """

    key: str
    fields: tuple[tuple[str, bytes], ...] = field(repr=False)

    def __post_init__(self) -> None:
        names = [name for name, _ in self.fields]
        if "." in self.key or not self.key:
            raise ValueError(f"sample key {self.key!r} is empty or holds a dot")
        if len(set(names)) != len(names):
            raise ValueError(f"sample {self.key} has a field twice: {names}")
