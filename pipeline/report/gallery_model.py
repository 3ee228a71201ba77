"""What the gallery of the report shows, as plain records: sets, their cards and marked captions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SetStatus = Literal["complete", "incomplete", "rejected"]
"""A set with all its pictures (or captions), one of which some pictures were refused, or none."""

CardStatus = Literal["kept", "refused", "missing", "text"]
"""A picture that is in the shard; one that was refused; a caption whose picture is missing;
a caption of a run, or of a set, without pictures."""

MarkKind = Literal["", "edit", "repair", "gap"]
"""Plain text; the decisive change; what it demands; a place where words were left out."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a caption that is marked in one way."""

    text: str
    mark: MarkKind = ""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small WebP picture."""

    data: bytes = field(repr=False)
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Card:
    """One caption, with its picture if there is one.

    Attributes:
        variant: "factual", "control", "min0", "full0" …
        group: "factual", "control", "full", or the edit kind: what filters go by.
        subkind: Finer label of the kind.
        caption: The text with what changed marked.
        factual: The wording it was made from, with what was replaced marked; empty for
            factual and complete captions.
        status: See :data:`CardStatus`.
        reason: Why it was refused or is missing.
        candidate: Which of the candidates the picture is, where that is on record.
        scores: What was measured of the picture, by name.
        thumbnail: None where there is no picture.
        label_as: Variant under which a label of its picture is stored; empty where there is
            no picture, or one that was not drawn.
    """

    variant: str
    group: str
    caption: tuple[Segment, ...]
    subkind: str = ""
    factual: tuple[Segment, ...] = ()
    status: CardStatus = "kept"
    reason: str = ""
    candidate: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)
    thumbnail: Thumbnail | None = None
    label_as: str = ""


@dataclass(frozen=True, slots=True)
class RefusedCaption:
    """A caption that was proposed for a set and turned down."""

    kind: str
    caption: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SetEntry:
    """One anchor's set in the gallery.

    Attributes:
        key: The anchor id.
        origin: Where the row stands in the source.
        status: See :data:`SetStatus`.
        reason: Why the anchor was rejected.
        detail: One line about that.
        cards: The factual one first.
        refused: Captions that were turned down.
        refused_total: How many there were; more than `refused` where not all are listed.
    """

    key: str
    origin: str
    status: SetStatus
    cards: tuple[Card, ...]
    reason: str = ""
    detail: str = ""
    refused: tuple[RefusedCaption, ...] = ()
    refused_total: int = 0


@dataclass(frozen=True, slots=True)
class Gallery:
    """The sets that are shown.

    Attributes:
        sets: In the order of the source.
        made: Sets of the run.
        rejected: Rejected anchors of the run.
        shards_shown: Shards from which the sets were taken.
    """

    sets: tuple[SetEntry, ...]
    made: int
    rejected: int
    shards_shown: int
