"""The command `counterfactory replay`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from pipeline.tools.replay import Replay

out = Console()

EPILOG = (
    "**Example**\n\n"
    "`counterfactory replay outputs/demo 0a1b2c3d4e5f60718293 min0.jpg --output again.jpg`"
)


def replay(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
    key: Annotated[str, typer.Argument(help="Key of a sample: its name in the tar.")],
    field: Annotated[str, typer.Argument(help="A drawn picture: min0.jpg, control.jpg, full0 …")],
    output: Annotated[Path | None, typer.Option(help="Where the new picture goes.")] = None,
    device: Annotated[str, typer.Option(help="Where to draw: auto, cpu, cuda …")] = "auto",
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Where the run was resumed with another images.batch_size."),
    ] = None,
) -> None:
    """Draw one picture again from the record of its run, and compare it with the stored one."""
    from pipeline.shards.atomic import atomic_file
    from pipeline.tools.replay import replay as draw_again

    found = draw_again(run, key, field, os.environ, device=device, batch_size=batch_size)
    if output is not None:
        with atomic_file(output) as file:
            file.write(found.drawn)
    for line in describe(found):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    if not found.is_same:
        raise typer.Exit(1)


def describe(found: Replay) -> list[str]:
    """What is printed."""
    draw = found.draw
    numbers = " ".join(f"{name}={value:g}" for name, value in draw.parameters.to_json().items())
    lines = [
        f"{found.key} {found.file}: {draw.prompt!r}",
        f"  {draw.strategy} seed={draw.seed} {numbers}".rstrip(),
        f"  stored  sha256 {found.stored_sha256}",
        f"  redrawn sha256 {found.drawn_sha256}",
    ]
    if found.is_same:
        return [*lines, "same bytes"]
    lines.append(
        f"different: {found.changed_pixels:.2%} of the pixels, by at most "
        f"{found.largest_difference} of 255 levels"
    )
    return lines + [f"  note: {note}" for note in found.notes]
