"""The `json` field of a sample: its typed form, and the way to and from bytes.

Every offset counts characters: Unicode code points, as Python and JSON Schema do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter
from pydantic import JsonValue as PlainJson

from pipeline.core.records import EditKind, Replacement
from pipeline.core.truth import Picture, Split

OnlyWhereUsed: Final = Field(exclude_if=lambda value: value is None)
"""A field that older readers do not know, and that is written only where it says something."""

OnlyWhereAny: Final = Field(exclude_if=lambda value: not value)
"""The same for a list: written only where it holds something."""


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """Where the picture of a variant is, and how to draw it again.

    Attributes:
        file: Field of the sample, such as "jpg" or "min0.jpg".
        origin: "anchor": the source's own bytes; "drawn": made by the renderer.
        width_px: Width.
        height_px: Height.
        seed: Seed of the initial noise; None for the anchor's own picture.
        strategy: How it was drawn; None for the anchor's own picture.
        prompt: The text that was drawn; None for the anchor's own picture.
        candidate: Which of the variant's candidates was kept, from 0; None for the anchor's
            own picture.
        parameters: The strategy's numbers by name; empty where it has none.
        scores: What was measured of it, by name (see :mod:`pipeline.core.scores`); empty for the
            anchor's own picture and where nothing was measured.
        negative_prompt: What was kept out of it, where that is not what the run's settings keep
            out of every picture; else the field is not there.
    """

    file: str
    origin: Literal["anchor", "drawn"]
    width_px: int
    height_px: int
    seed: int | None = None
    strategy: str | None = None
    prompt: str | None = None
    candidate: int | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    negative_prompt: Annotated[str | None, OnlyWhereUsed] = None


@dataclass(frozen=True, slots=True)
class MinimalEntry:
    """A minimal edit; see :class:`pipeline.core.records.CaptionEdit` for the fields.

    Attributes:
        variant: "min0", "min1", …
        kind: What the edit changes.
        subkind: Finer label.
        factual: The true wording that was edited; most often the sample's caption.
        caption: The counterfactual.
        pair_text: The true wording that `caption` is false beside, the positive of a text pair:
            `factual`.
        pair_image: Variant of the factual picture that the edit's picture was drawn beside, and
            may be compared with: "control" or "factual"; None where the set has neither.
        image: "own": the set holds a picture of the edit; "shared": `pair_image` is its picture
            too; None: there is no picture of it.
        image_is_negative: Whether there is a picture that shows something else than
            `pair_image`: only then is it a negative for an image loss.
        contradicts_caption: Whether `caption` is false beside the sample's caption too, and not
            only beside `pair_text`.
        visible: Whether a picture can show the difference.
        replacements: Spans in `factual`, in characters, old and new text, and their roles.
        caption_spans: Where each replacement stands in `caption`, in characters, half-open.
        old: The decisive words as they stand in `factual`: one piece, or two where the edit is
            in two places; an empty piece where something is put in.
        new: Their counterparts as they stand in `caption`.
        proposer: "rules" or "llm:<model>".
        rule: Rule or prompt version.
        weight: What the edit counts beside others so that it and its reverse weigh the same;
            only where edits are weighted.
    """

    variant: str
    kind: EditKind
    subkind: str
    factual: str
    caption: str
    pair_text: str
    pair_image: str | None
    image: Picture | None
    image_is_negative: bool
    contradicts_caption: bool
    visible: bool
    replacements: tuple[Replacement, ...]
    caption_spans: tuple[tuple[int, int], ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    proposer: str
    rule: str
    weight: Annotated[float | None, OnlyWhereUsed] = None


@dataclass(frozen=True, slots=True)
class FullEntry:
    """A complete counterfactual; see :class:`pipeline.core.records.FullCaption`.

    Attributes:
        variant: "full0", "full1", …
        kind: "full".
        factual: The true wording that it replaces: the sample's caption.
        caption: The whole caption.
        pair_text: As for a minimal edit; so are the next five.
        pair_image: "control" or "factual"; None where the set has neither.
        image: "own", or None without a picture.
        image_is_negative: Whether there is a picture of it beside a factual one.
        contradicts_caption: True: it is false beside the sample's caption.
        visible: True: a picture shows the difference.
        contradicts: What differs from the anchor.
        proposer: "rules" or "llm:<model>".
        rule: Rule or prompt version.
    """

    variant: str
    kind: Literal["full"]
    factual: str
    caption: str
    pair_text: str
    pair_image: str | None
    image: Picture | None
    image_is_negative: bool
    contradicts_caption: bool
    visible: bool
    contradicts: tuple[str, ...]
    proposer: str
    rule: str


@dataclass(frozen=True, slots=True)
class NeutralEntry:
    """The caption in other words; see :class:`pipeline.core.records.NeutralCaption`.

    Attributes:
        variant: "neutral0", "neutral1", …
        kind: What was changed: "order" of two equals, "clause": a sentence, a phrase or an
            introduction, "synonym": a word.
        caption: As true of the factual pictures as the sample's caption, and as false of the
            others; its score must be the caption's.
        rule: Name of the rule that reworded it.
    """

    variant: str
    kind: str
    caption: str
    rule: str


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """Everything about one anchor's set but the pixels.

    Attributes:
        schema_version: Version of these fields.
        key: The anchor id.
        split: Part of the data that the anchor belongs to, by a hash of its id: the same in
            every run.
        source: Kind of source.
        origin: Where the row stands in the source.
        url: Address of the anchor's image where the source names one.
        original_caption: As the source holds it.
        caption: The factual caption.
        minimal: Variants min0, min1, … in order.
        full: Variants full0, full1, … in order.
        images: Variant → picture: "factual" (the anchor's own, else the drawn control),
            "control", "min0", …; empty in caption-only shards. Two variants may share
            one file.
        provenance: What made it: the tool's version, the config's fingerprint, the models that
            drew and scored.
        missing: Variant → reason, for each caption whose pictures were all refused: its text
            is there, its picture is not.
        neutral: Variants neutral0, neutral1, … in order: the caption in other words. They stand
            here only, and not beside the tar's other texts, where a reader would take them for
            counterfactuals; the field is not there where there are none.
    """

    schema_version: int
    key: str
    split: Split
    source: str
    origin: str
    url: str | None
    original_caption: str
    caption: str
    minimal: tuple[MinimalEntry, ...]
    full: tuple[FullEntry, ...]
    images: Mapping[str, ImageEntry]
    provenance: Mapping[str, PlainJson]
    missing: Mapping[str, str] = field(default_factory=dict)
    neutral: Annotated[tuple[NeutralEntry, ...], OnlyWhereAny] = ()

    def captions(self) -> dict[str, str]:
        """Counterfactual caption by variant name."""
        minimal = {entry.variant: entry.caption for entry in self.minimal}
        return minimal | {entry.variant: entry.caption for entry in self.full}


@cache
def _documents() -> TypeAdapter[SampleDocument]:
    return TypeAdapter(SampleDocument)


def document_to_json(document: SampleDocument) -> bytes:
    """UTF-8 JSON in the order of the fields: equal documents give equal bytes.

    Raises:
        pydantic_core.PydanticSerializationError: Text without a UTF-8 form.
    """
    return _documents().dump_json(document)


def document_from_json(data: bytes) -> SampleDocument:
    """The document, with every field and type checked.

    Of one that is older than the truth flags and the split, they are derived by the rule that
    the writer uses; its `schema_version` stays.

    Raises:
        pydantic.ValidationError: It is not a document of a known schema.
    """
    from pipeline.shards.old_document import renew_document

    return _documents().validate_json(renew_document(data), strict=True)
