"""What the cards of a run are made from: its run.json and its manifest, and what they imply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.core.addresses import public_address
from pipeline.core.ids import JsonValue, public_name
from pipeline.shards.integrity import FileDigest
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest
from pipeline.shards.run_json import RunRecord, read_run_json

SAMPLE_LICENCES = {
    "sample:cc3m": "Conceptual Captions: free for any purpose; acknowledge Google LLC",
    "sample:world": "apache-2.0",
}
"""Of the captions that come with the package."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card is made from.

    Attributes:
        record: What run.json says.
        title: Name of the dataset.
        licence: Of its captions and pictures; None where nobody said.
        rows: Source rows.
        samples: Sets.
        kinds: Edit kind → made and refused.
        full: Complete counterfactuals, made and refused.
        rejected: Reason → source rows.
        refused: Reason → items within the sets.
        images: Drawn pictures.
        anchor_images: Anchors with a picture of their own.
        files: All files of the shards, in order.
        fields: Every field that a sample has, sorted; empty where the receipts do not say.
    """

    record: RunRecord
    title: str
    licence: str | None
    rows: int
    samples: int
    kinds: Mapping[str, tuple[int, int]]
    full: tuple[int, int]
    rejected: Mapping[str, int]
    refused: Mapping[str, int]
    images: int
    anchor_images: int
    files: tuple[FileDigest, ...]
    fields: tuple[str, ...]

    def setting(self, key: str) -> JsonValue:
        """A setting of the run; None where run.json has none of that name."""
        return self.record.config.get(key)

    @property
    def draws(self) -> bool:
        """Whether the run has drawn pictures."""
        return self.setting("images.renderer") not in {None, "none"}

    @property
    def has_pictures(self) -> bool:
        """Whether there is any picture, drawn or an anchor's own."""
        return self.images > 0 or self.anchor_images > 0

    @property
    def description(self) -> str:
        """The dataset in a sentence or two."""
        made = sum(made for made, _ in self.kinds.values())
        what = (
            f"{self.samples:,} factual captions, each with its counterfactuals: {made:,} minimal "
            f"edits (one typed, decisive change each) and {self.full[0]:,} complete "
            "counterfactuals (another scene)"
        )
        if self.draws:
            model = public_name(str(self.setting("images.model")))
            return f"{what}, with {self.images:,} pictures drawn by {model}."
        return f"{what}; captions only, no pictures."


def gather_facts(layout: RunLayout, manifest: Manifest) -> CardFacts:
    """What the card says, from what the run directory says.

    Raises:
        ShardCorruptError: run.json is damaged.
    """
    record = read_run_json(layout)
    settings = record.config
    source = record.text("source.input")
    licence = settings.get("source.license") or SAMPLE_LICENCES.get(source)
    name = settings.get("source.name") or (
        "Conceptual Captions" if source == "sample:cc3m" else public_input(source)
    )
    counts = manifest.counts
    return CardFacts(
        record=record,
        title=f"{name}, with counterfactuals",
        licence=None if licence is None else str(licence),
        rows=counts.rows,
        samples=counts.samples,
        kinds={kind: (both.made, both.refused) for kind, both in counts.edits.items()},
        full=(counts.full.made, counts.full.refused),
        rejected=counts.rejected,
        refused=counts.refused,
        images=counts.images,
        anchor_images=counts.anchor_images,
        files=tuple(file for receipt in manifest.shards for file in receipt.files),
        fields=tuple(sorted({name for receipt in manifest.shards for name in receipt.fields})),
    )


def limits(facts: CardFacts) -> Iterator[str]:
    """What a user must not take for granted, one sentence or two each."""
    yield (
        "The factual captions are the source's, and were not compared with the pictures that "
        "they were written for."
    )
    yield (
        "Captions are English. Edits of race, religion and disability are never made, those of "
        f"gender and age group: {facts.setting('edits.demographics')}."
    )
    if facts.setting("checks.fluency_model") in {None, "none"}:
        yield (
            "Captions were not balanced by likelihood: a model that sees no picture may tell "
            "some counterfactual captions from factual ones. `counterfactory audit` measures it."
        )
    if not facts.draws:
        return
    model = facts.setting("images.model")
    if model == "builtin:tiny":
        yield "The image model has random weights: its pictures are colourful noise."
    if model == "builtin:world":
        yield "The image model draws a small procedural world of simple things, and no other."
    if facts.setting("scores.clip") in {None, "none"}:
        yield "No model compared the pictures with their captions: many may not show the edit."
    if facts.setting("scores.nsfw") in {None, "none"}:
        yield "No model looked for pictures that are not safe for work."
    yield (
        "An image model brings the biases of its training data. Train with `control.jpg` as the "
        "factual side, or a model may learn to tell drawn pictures from real ones."
        if facts.anchor_images
        else "An image model brings the biases of its training data into every picture."
    )


def public_input(name: str) -> str:
    """An input without the folders of the machine that it was read on; addresses stay, bare."""
    if "://" in name:
        return public_address(name)
    return name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
