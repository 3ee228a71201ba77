"""The part of a dataset card that says how its run is read, and by which programs. Pure."""

from __future__ import annotations

from typing import Final

LOADING: Final = """\
import webdataset

shards = open("shards.txt").read().split()  # in this folder
for sample in webdataset.WebDataset(shards, shardshuffle=False).decode("pil"):
    print(sample["__key__"], sample["txt"])
    for edit in sample["json"]["minimal"]:
        picture = sample.get(edit["variant"] + ".jpg")  # None where there is none
        print("  ", edit["kind"], *edit["old"], "→", *edit["new"], "|", edit["caption"], picture)
    for scene in sample["json"]["full"]:
        print("  ", "full", "|", scene["caption"], sample.get(scene["variant"] + ".jpg"))
"""
"""Code that reads a run from within its directory."""

DATASETS: Final = """\
from datasets import load_dataset, load_dataset_builder

folder = "path/to/this/folder"
rows = load_dataset(folder)
# The tars alone, such as a few of them, need the types that this card names:
types = load_dataset_builder(folder).info.features
rows = load_dataset("webdataset", data_files=f"{folder}/shards/*.tar", features=types)
"""
"""Sets have different sizes: without the types, `datasets` stops at a sample that has more."""


def how_to_load(*, has_pictures: bool) -> str:
    """The section of the card: code that reads the run, and who else can read it or cannot.

    Args:
        has_pictures: Whether the run has any.
    """
    if has_pictures:
        suits = (
            "Trainings on image-text pairs, such as open_clip's, read `jpg` and `txt` as they are; "
            "of the counterfactuals they see nothing."
        )
    else:
        suits = (
            "There are **no pictures** here: it suits training on text alone, and drawing the "
            "pictures later. A training on image-text pairs, such as open_clip's, waits for a "
            "`jpg` for ever, without a word."
        )
    return (
        f"## How to load\n\n```python\n{LOADING}```\n\n`shards.txt` lists the tars, "
        "`shards/sizes.json` says how many samples each has. Huggingface `datasets`, 4.7 or "
        "newer, gives every field as a column, absent ones as None:\n\n"
        f"```py\n{DATASETS}```\n\n{suits}\n\n"
        "`croissant.json` describes the same files for tools that read Croissant. "
        "`counterfactory verify` checks every checksum and that the files agree."
    )
