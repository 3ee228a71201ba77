"""The command `counterfactory refilter`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory refilter outputs/cc3m --bands strict.toml --output outputs/cc3m-strict`\n\n"
    "The run must have kept its candidates: `images.keep_candidates=true`."
)


def refilter(
    run: Annotated[Path, typer.Argument(help="A complete run that kept its candidates.")],
    output: Annotated[Path, typer.Option(help="The new run directory.")],
    bands: Annotated[
        str | None, typer.Option(help="Bands file, or builtin:world.", show_default="the run's")
    ] = None,
    rank: Annotated[
        str | None, typer.Option(help="Score that ranks candidates.", show_default="the run's")
    ] = None,
    min_kept: Annotated[
        int | None,
        typer.Option(min=0, help="Fewest pictures of a set.", show_default="the run's"),
    ] = None,
    min_hash_distance: Annotated[
        int | None,
        typer.Option(min=0, max=32, help="Least bits between sets.", show_default="the run's"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Choose again among a run's stored candidates; nothing is drawn, scored or asked."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.cli.tables import print_run
    from pipeline.stores.location import located
    from pipeline.tools.reselect import refilter as choose_again

    run, output = located(run), located(output)
    given: dict[str, Any] = {
        "bands": bands, "rank": rank, "min_kept": min_kept, "min_hash_distance": min_hash_distance
    }  # fmt: skip
    selection = {name: value for name, value in given.items() if value is not None}
    observer = ConsoleObserver(err, quiet=quiet)
    with observer.watching():
        manifest = choose_again(run, output, selection, observer)
    print_run(out, output, manifest.counts, resumed=0)
