"""The command `counterfactory report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from pipeline.shards.layout import RunLayout

out = Console()

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory report outputs/demo` — then open outputs/demo/report/index.html\n\n"
    "`counterfactory report outputs/cc3m --max-sets 1000 --output cc3m.html`"
)


def report(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    output: Annotated[
        Path | None,
        typer.Option(help="Page to write.", show_default="RUN/report/index.html"),
    ] = None,
    max_sets: Annotated[
        int | None,
        typer.Option(min=1, max=20_000, help="Sets in the gallery.", show_default="300"),
    ] = None,
) -> None:
    """Write one self-contained HTML page about a run: funnel, yields, scores and a gallery."""
    from pipeline.report.build import MOST_SETS, write_report
    from pipeline.shards.layout import RunLayout
    from pipeline.stores.location import located

    layout = RunLayout(run)
    output = None if output is None else located(output)
    page, told = write_report(layout, output=output, most_sets=max_sets or MOST_SETS)
    shown = len(told.gallery.sets)
    print_page(page)
    out.print(
        f"{shown:,} of {told.gallery.made + told.gallery.rejected:,} rows are in its gallery, "
        f"{page.stat().st_size / 1e6:.1f} MB",
        highlight=False,
    )


def write_after_run(layout: RunLayout) -> None:
    """Write the report of a run that has just been finished, and say where it is."""
    from pipeline.report.build import write_report

    print_page(write_report(layout)[0])


def print_page(page: Path) -> None:
    """Say which file to open."""
    out.print(f"open it:     {page}", markup=False, highlight=False, soft_wrap=True)
