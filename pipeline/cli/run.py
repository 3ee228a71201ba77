"""The commands `counterfactory run` and `counterfactory plan`."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console

from pipeline.cli import report as report_command
from pipeline.cli.flags import RunFlags, resolve_config, with_flags

out = Console()
err = Console(stderr=True)

RUN_EPILOG = (
    "**Examples**\n\n"
    "`counterfactory run` — the sample that comes with the package, captions only\n\n"
    "`counterfactory run --input cc3m.tsv --limit 1000 --images sdxl` — draw too (GPU)\n\n"
    "`counterfactory run --source webdataset --input 'cc12m/{00000..01242}.tar' --llm openai`\n\n"
    "The same command again goes on where it was stopped or killed."
)

PLAN_EPILOG = (
    "**Example**\n\n"
    "`counterfactory plan --input cc3m.tsv --images sdxl --llm openai` — what would it cost?"
)


@with_flags
def run(
    flags: RunFlags,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    report: Annotated[
        bool, typer.Option(help="Write report/index.html when the run is finished.")
    ] = True,
) -> None:
    """Write counterfactual captions, draw their pictures, and pack WebDataset shards."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.cli.tables import (
        print_answers,
        print_refused,
        print_run,
        print_share,
        print_spend,
    )
    from pipeline.runs.empty_run import refuse_empty_run
    from pipeline.runs.job import output_folder
    from pipeline.runs.rank import launcher_note, read_rank
    from pipeline.runs.run import run_config
    from pipeline.shards.layout import RunLayout
    from pipeline.shards.timings import TimingsLog, timings_file

    config = resolve_config(flags)
    rank = read_rank(os.environ)
    if note := launcher_note(os.environ):
        err.print(note, markup=False, highlight=False, soft_wrap=True)
    layout = RunLayout(output_folder(config))
    # Of several processes on one terminal, one shows its progress.
    quiet = quiet or rank.local_rank > 0
    observer = ConsoleObserver(err, quiet=quiet, timings=TimingsLog(timings_file(layout)))
    with observer.watching():
        outcome = run_config(config, os.environ, observer, rank)
    manifest = outcome.manifest
    if manifest is None:
        print_share(out, layout.root, rank)
    else:
        print_run(out, layout.root, manifest.counts, resumed=outcome.resumed_shards)
    if outcome.spend is not None:
        if manifest is not None:
            print_refused(out, manifest.counts)
            print_answers(out, manifest.counts)
        print_spend(out, outcome.spend)
    if manifest is not None:
        refuse_empty_run(layout, manifest.counts)
        if report:
            report_command.write_after_run(layout)


@with_flags
def plan(
    flags: RunFlags,
    gpu_tflops: Annotated[
        float, typer.Option(min=0.001, help="Sustained bf16 TFLOP/s of the GPU.")
    ] = 160.0,
) -> None:
    """Dry run: read the input and say what a run would make and cost. Writes nothing."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.cli.tables import print_estimate
    from pipeline.tools.plan import estimate_run

    config = resolve_config(flags)
    observer = ConsoleObserver(err)
    with observer.watching():
        estimate = estimate_run(
            config, environ=os.environ, gpu_tflops=gpu_tflops, observer=observer
        )
    print_estimate(out, config, estimate)
