"""README.md and croissant.json of a run, from its run.json and its manifest."""

from __future__ import annotations

from pipeline.dataset_card.card import write_card
from pipeline.dataset_card.croissant import describe_croissant
from pipeline.dataset_card.facts import gather_facts
from pipeline.shards.atomic import atomic_file, write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest


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
