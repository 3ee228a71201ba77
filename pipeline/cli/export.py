"""The command `counterfactory export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

out = Console()

# Written out, since a list from the package would have to be imported for every `--help`.
Format = Literal[
    "pairs", "neg-clip", "triplet-clip", "cf-vlm", "llava", "qwen", "dpo", "hf", "vqa-causal",
    "winoground", "sugar-crepe",
]  # fmt: skip

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory export outputs/demo --to pairs --output demo-pairs` — for open_clip\n\n"
    "`counterfactory export outputs/demo --to cf-vlm --k 4 --split train --output cf-vlm`\n\n"
    "`counterfactory export 's3://bucket/run/shards/*.tar' --to hf --output hf`"
)


def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="A run directory, tars, a pattern of tars, or an fsspec address."
        ),
    ],
    to: Annotated[Format, typer.Option("--to", help="Format.")],
    output: Annotated[Path, typer.Option(help="Folder to make.")],
    kinds: Annotated[
        str, typer.Option(help="Kinds of edits, by commas, and `full`; all if empty.")
    ] = "",
    split: Annotated[
        Literal["train", "validation", "test"] | None,
        typer.Option(help="Only anchors of this part.", show_default="all"),
    ] = None,
    require_picture: Annotated[
        bool,
        typer.Option(
            "--require-picture", help="Only counterfactuals with a picture that contradicts."
        ),
    ] = False,
    k: Annotated[
        int | None,
        typer.Option(
            "--k", min=1, help="cf-vlm: exactly so many counterfactuals a set, some repeated."
        ),
    ] = None,
) -> None:
    """Write a run's shards into the files of another training or benchmark."""
    from pipeline.export.reading import ExportWishes
    from pipeline.export.run import export_run

    named = [name.strip() for name in kinds.split(",") if name.strip()]
    wishes = ExportWishes(
        kinds=frozenset(named) or None,
        split=split,
        require_picture=require_picture,
        k=k,
    )
    found = export_run(source, to, output, wishes)
    rows = ", ".join(f"{number:,} {what}" for what, number in found.rows.items())
    out.print(f"{found.sets:,} sets read; {rows}", highlight=False, markup=False)
    for reason, number in found.left_out.items():
        out.print(f"left out: {number:,} {reason}", highlight=False, markup=False)
    out.print(f"written: {found.output}", highlight=False, markup=False, soft_wrap=True)
