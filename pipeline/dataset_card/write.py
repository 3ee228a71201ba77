"""README.md and croissant.json of a run, from its run.json and its manifest."""

from __future__ import annotations

from pipeline.dataset_card.card import CardFacts, CardFile, public_input, write_card
from pipeline.dataset_card.croissant import describe_croissant
from pipeline.shards.atomic import atomic_file, write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest
from pipeline.shards.run_json import read_run_json

SAMPLE_LICENCES = {
    "sample:cc3m": "Conceptual Captions: free for any purpose; acknowledge Google LLC",
    "sample:world": "apache-2.0",
}
"""Of the captions that come with the package."""


def write_dataset_card(layout: RunLayout, manifest: Manifest) -> None:
    """Write README.md and croissant.json into a run directory; equal runs get equal bytes.

    Raises:
        ShardCorruptError: run.json is damaged.
        PermanentError: The disk is full or refuses.
    """
    facts = gather_facts(layout, manifest)
    with atomic_file(layout.readme) as file:
        file.write(write_card(facts).encode())
    write_json(layout.croissant_json, describe_croissant(facts))


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
        files=tuple(
            CardFile(file.path, file.sha256, file.size_bytes)
            for receipt in manifest.shards
            for file in receipt.files
        ),
    )
