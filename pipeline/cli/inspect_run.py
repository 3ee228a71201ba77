"""The commands `counterfactory inspect`, `verify` and `doctor`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pipeline.core.errors import ConfigError

out = Console()
err = Console(stderr=True)

EXIT_FAULTS = 1
"""Something was found that is not as it should be."""

INSPECT_EPILOG = "**Example**\n\n`counterfactory inspect outputs/demo --sheet demo.png`"

VERIFY_EPILOG = "**Example**\n\n`counterfactory verify outputs/demo && echo complete`"


def inspect(
    path: Annotated[Path, typer.Argument(help="A run directory or one shard (.tar).")],
    sheet: Annotated[
        Path | None,
        typer.Option(help="Contact sheet to write.", show_default="<name>.png beside the run"),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=200, help="Sets on the sheet.")] = 12,
    start: Annotated[int, typer.Option(min=0, help="First set on the sheet.")] = 0,
) -> None:
    """Count what is in a run or a shard, and write a contact sheet of some sets beside it."""
    from pipeline.cli.tables import print_inspection
    from pipeline.stores.location import located
    from pipeline.tools.inspect_run import inspect_path

    found = inspect_path(located(path), sheet=sheet, rows=rows, start=start)
    print_inspection(out, found)


def verify(
    path: Annotated[Path, typer.Argument(help="A run directory.")],
    sample: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Share of the shards whose contents are read."),
    ] = 1.0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the reading.")] = 1,
) -> None:
    """Check a run: manifest, checksums, schema, every picture decodes, no id twice."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.core.progress import Step, advance_or_stop
    from pipeline.shards.layout import RunLayout
    from pipeline.shards.verify import verify_run

    layout = RunLayout(path)
    path = layout.root
    if not layout.run_json.exists():
        raise ConfigError(f"{path} is no run directory: it has no run.json")
    observer = ConsoleObserver(err)
    with observer.watching():
        faults = verify_run(
            layout,
            lambda shard_id: advance_or_stop(observer, Step.SHARDS, 1),
            sample=sample,
            workers=workers,
        )
    for fault in faults:
        out.print(f"[red]fault[/] {escape(str(fault))}", highlight=False, soft_wrap=True)
    if faults:
        found = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        out.print(f"{found} in {path}", markup=False, highlight=False)
        raise typer.Exit(EXIT_FAULTS)
    if sample < 1.0:
        out.print(
            f"[green]{escape(str(path))} is complete, and a sample of {sample:.3g} of its shards "
            "sound[/]; of the others the sizes are right",
            highlight=False,
            soft_wrap=True,
        )
        return
    out.print(f"[green]{escape(str(path))} is complete and sound[/]", highlight=False)


def doctor(
    output: Annotated[Path, typer.Option(help="Where runs would go.")] = Path("outputs"),
) -> None:
    """Say what this machine can do: versions, device, models, keys (never their values)."""
    from pipeline.cli.tables import print_findings
    from pipeline.tools.doctor import State, examine

    findings = examine(os.environ, folder=output)
    print_findings(out, findings)
    if any(finding.state is State.FAULT for finding in findings):
        raise typer.Exit(EXIT_FAULTS)
