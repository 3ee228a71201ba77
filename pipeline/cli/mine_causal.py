"""The command `counterfactory mine-causal`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from pipeline.cli.flags import SourceFlags, resolve_config, with_flags

out = Console()
err = Console(stderr=True)

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory mine-causal` — the sample that comes with the package\n\n"
    "`counterfactory mine-causal --input cc3m.tsv --limit 100000 --examples 5`\n\n"
    "`counterfactory mine-causal --source webdataset --input 'cc12m/{00000..01242}.tar'`"
)


@with_flags
def mine_causal(
    flags: SourceFlags,
    examples: Annotated[
        int, typer.Option(min=0, max=100, help="Examples shown of each connective.")
    ] = 3,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Find causes and effects that captions state, by connective. Writes nothing."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.cli.tables import print_mined
    from pipeline.tools.mine_causal import mine_source

    config = resolve_config(flags)
    observer = ConsoleObserver(err, quiet=quiet)
    with observer.watching():
        found = mine_source(config, examples=examples, observer=observer)
    print_mined(out, found)
