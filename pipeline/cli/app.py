"""The command line: `counterfactory run | plan | inspect | verify | finetune | doctor | …`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape

from pipeline.cli import audit as audit_cli
from pipeline.cli import evaluation as evaluation_cli
from pipeline.cli import finetune as finetune_cli
from pipeline.cli import replay as replay_cli
from pipeline.cli import report as reporting_cli
from pipeline.cli import reselect as refilter_cli
from pipeline.cli import selection as selection_cli
from pipeline.core.errors import ConfigError, PermanentError, PipelineError

if TYPE_CHECKING:
    from pipeline.config.run import RunConfig

app = typer.Typer(
    name="counterfactory",
    help="Make counterfactual image-text data: typed caption edits, matching SDXL images, "
    "WebDataset shards.",
    epilog="Start with `counterfactory doctor`, then `counterfactory run`: it needs nothing.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
out = Console()
err = Console(stderr=True)

EXIT_FAILED = 1
EXIT_MISUSED = 2

SourceOption = Annotated[
    Literal["cc_tsv", "webdataset", "tabular", "lines", "folder", "coco", "hf"] | None,
    typer.Option("--source", help="Format of the input.", show_default="by its content"),
]
InputOption = Annotated[
    str | None,
    typer.Option("--input", help="File, folder, URL or brace pattern.", show_default="sample:cc3m"),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", help="Run directory.", show_default="outputs/<name of the input>"),
]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first rows.")]
ImagesOption = Annotated[
    Literal["none", "sdxl"] | None,
    typer.Option("--images", help="Draw pictures or not.", show_default="none"),
]
PresetOption = Annotated[
    Literal["none", "draft", "quality"] | None,
    typer.Option(
        "--preset",
        help="Steps, guidance and scheduler: `quality`, or `draft` with distilled weights "
        "(images.distilled).",
        show_default="none",
    ),
]
CandidatesOption = Annotated[
    int | None,
    typer.Option(
        "--candidates", min=1, help="Pictures drawn of each counterfactual.", show_default="1"
    ),
]
LlmOption = Annotated[
    Literal["none", "local", "openai"] | None,
    typer.Option(
        "--llm",
        help="Who proposes edits beside the rules. `local`: the small bundled model. `openai`: "
        "any OpenAI-compatible server, key from OPENAI_API_KEY.",
        show_default="none",
    ),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="Run seed.", show_default="0")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="TOML file; flags and environment win over it.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, such as images.steps=20."),
]


def _config(**flags: Any) -> RunConfig:
    """Resolve the configuration from flags, environment and file."""
    from pipeline.config.loading import load_config, read_text_value

    given: dict[str, Any] = {}
    for assignment in flags.pop("sets") or ():
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set {assignment}: expected KEY=VALUE, such as images.steps=20")
        given[key.strip()] = read_text_value(value.strip())
    file = flags.pop("file")
    given |= {key.replace("__", "."): value for key, value in flags.items() if value is not None}
    return load_config(given, environ=os.environ, file=file)


@app.command(
    epilog="**Examples**\n\n"
    "`counterfactory run` — the sample that comes with the package, captions only\n\n"
    "`counterfactory run --input cc3m.tsv --limit 1000 --images sdxl` — draw too (GPU)\n\n"
    "`counterfactory run --source webdataset --input 'cc12m/{00000..01242}.tar' --llm openai`\n\n"
    "The same command again goes on where it was stopped or killed."
)
def run(
    source: SourceOption = None,
    input_: InputOption = None,
    output: OutputOption = None,
    limit: LimitOption = None,
    images: ImagesOption = None,
    candidates: CandidatesOption = None,
    preset: PresetOption = None,
    llm: LlmOption = None,
    seed: SeedOption = None,
    config: ConfigOption = None,
    sets: SetOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    report: Annotated[
        bool, typer.Option(help="Write report/index.html when the run is finished.")
    ] = True,
) -> None:
    """Write counterfactual captions, draw their pictures, and pack WebDataset shards."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.cli.tables import (
        print_run,
        print_share,
        print_spend,
        why_nothing_was_made,
    )
    from pipeline.runs.job import output_folder
    from pipeline.runs.local import run_config
    from pipeline.runs.rank import read_place
    from pipeline.shards.layout import RunLayout
    from pipeline.shards.timings import TimingsLog, timings_file

    resolved = _config(
        source__kind=source,
        source__input=input_,
        output=str(output) if output else None,
        source__limit=limit,
        images__renderer=images,
        images__candidates=candidates,
        images__preset=preset,
        llm__provider=llm,
        seed=seed,
        file=config,
        sets=sets,
    )
    place = read_place(os.environ)
    timings = TimingsLog(timings_file(RunLayout(output_folder(resolved))))
    # Of several processes on one terminal, one shows its progress.
    observer = ConsoleObserver(err, quiet=quiet or place.local_rank > 0, timings=timings)
    with observer.watching():
        outcome = run_config(resolved, os.environ, observer, place)
    if outcome.manifest is None:
        print_share(out, output_folder(resolved), place)
    else:
        counts = outcome.manifest.counts
        print_run(out, output_folder(resolved), counts, resumed=outcome.resumed_shards)
        if not counts.samples:
            raise PermanentError(why_nothing_was_made(outcome.job.layout, counts))
        if report:
            reporting_cli.write_after_run(outcome.job.layout)
    if outcome.spend is not None:
        print_spend(out, outcome.spend)


@app.command(
    epilog="**Example**\n\n"
    "`counterfactory plan --input cc3m.tsv --images sdxl --llm openai` — what would it cost?"
)
def plan(
    source: SourceOption = None,
    input_: InputOption = None,
    output: OutputOption = None,
    limit: LimitOption = None,
    images: ImagesOption = None,
    candidates: CandidatesOption = None,
    preset: PresetOption = None,
    llm: LlmOption = None,
    seed: SeedOption = None,
    config: ConfigOption = None,
    sets: SetOption = None,
    gpu_tflops: Annotated[
        float, typer.Option(min=0.001, help="Sustained bf16 TFLOP/s of the GPU.")
    ] = 160.0,
) -> None:
    """Dry run: read the input and say what a run would make and cost. Writes nothing."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.cli.tables import print_estimate
    from pipeline.tools.plan import estimate_run

    resolved = _config(
        source__kind=source,
        source__input=input_,
        output=str(output) if output else None,
        source__limit=limit,
        images__renderer=images,
        images__candidates=candidates,
        images__preset=preset,
        llm__provider=llm,
        seed=seed,
        file=config,
        sets=sets,
    )
    observer = ConsoleObserver(err)
    with observer.watching():
        estimate = estimate_run(
            resolved, environ=os.environ, gpu_tflops=gpu_tflops, observer=observer
        )
    print_estimate(out, resolved, estimate)


@app.command(epilog="**Example**\n\n`counterfactory inspect outputs/demo --sheet demo.png`")
def inspect(
    path: Annotated[Path, typer.Argument(help="A run directory or one shard (.tar).")],
    sheet: Annotated[
        Path | None,
        typer.Option(help="Contact sheet to write.", show_default="<name>.png beside the run"),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=200, help="Sets on the sheet.")] = 12,
    start: Annotated[int, typer.Option(min=0, help="First set on the sheet.")] = 0,
) -> None:
    """Count what is in a run or a shard, and draw a contact sheet of some of its sets."""
    from pipeline.cli.tables import print_inspection
    from pipeline.tools.inspect_run import inspect_path

    found = inspect_path(path, sheet=sheet, rows=rows, start=start)
    print_inspection(out, found)


@app.command(epilog="**Example**\n\n`counterfactory verify outputs/demo && echo complete`")
def verify(path: Annotated[Path, typer.Argument(help="A run directory.")]) -> None:
    """Check a run: manifest, checksums, schema, every picture decodes, no id twice."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.core.progress import Step, advance_or_stop
    from pipeline.shards.layout import RunLayout
    from pipeline.shards.verify import verify_run

    layout = RunLayout(path)
    if not layout.run_json.exists():
        raise ConfigError(f"{path} is no run directory: it has no run.json")
    observer = ConsoleObserver(err)
    with observer.watching():
        faults = verify_run(layout, lambda shard_id: advance_or_stop(observer, Step.SHARDS, 1))
    for fault in faults:
        out.print(f"[red]fault[/] {escape(str(fault))}", highlight=False, soft_wrap=True)
    if faults:
        found = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        out.print(f"{found} in {path}", markup=False, highlight=False)
        raise typer.Exit(EXIT_FAILED)
    out.print(f"[green]{escape(str(path))} is complete and sound[/]", highlight=False)


@app.command(
    name="mine-causal",
    epilog="**Examples**\n\n"
    "`counterfactory mine-causal` — the sample that comes with the package\n\n"
    "`counterfactory mine-causal --input cc3m.tsv --limit 100000 --examples 5`\n\n"
    "`counterfactory mine-causal --source webdataset --input 'cc12m/{00000..01242}.tar'`",
)
def mine_causal(
    source: SourceOption = None,
    input_: InputOption = None,
    limit: LimitOption = None,
    config: ConfigOption = None,
    sets: SetOption = None,
    examples: Annotated[
        int, typer.Option(min=0, max=100, help="Examples shown of each connective.")
    ] = 3,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Find causes and effects that captions state, by connective. Writes nothing."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.cli.tables import print_mined
    from pipeline.tools.mine_causal import mine_source

    resolved = _config(
        source__kind=source, source__input=input_, source__limit=limit, file=config, sets=sets
    )
    observer = ConsoleObserver(err, quiet=quiet)
    with observer.watching():
        found = mine_source(resolved, examples=examples, observer=observer)
    print_mined(out, found)


app.command(epilog=finetune_cli.EPILOG)(finetune_cli.finetune)
app.command(epilog=replay_cli.EPILOG)(replay_cli.replay)
app.command(epilog=refilter_cli.EPILOG)(refilter_cli.refilter)
app.command(epilog=reporting_cli.EPILOG)(reporting_cli.report)
app.command(epilog=audit_cli.EPILOG)(audit_cli.audit)
app.command(epilog=selection_cli.CALIBRATE_EPILOG)(selection_cli.calibrate)
app.command(epilog=evaluation_cli.EPILOG)(evaluation_cli.eval_renderer)
app.command(epilog=evaluation_cli.SCORER_EPILOG)(evaluation_cli.eval_scorer)
app.command(epilog=selection_cli.EVALUATE_EPILOG)(selection_cli.eval_selection)


@app.command()
def doctor(
    output: Annotated[Path, typer.Option(help="Where runs would go.")] = Path("outputs"),
) -> None:
    """Say what this machine can do: versions, device, models, keys (never their values)."""
    from pipeline.cli.tables import print_findings
    from pipeline.tools.doctor import State, examine

    findings = examine(os.environ, folder=output)
    print_findings(out, findings)
    if any(finding.state is State.FAULT for finding in findings):
        raise typer.Exit(EXIT_FAILED)


def _version(wanted: bool) -> None:
    if wanted:
        from pipeline import __version__

        out.print(f"counterfactory {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; our own errors are a message, never a traceback."""
    from pipeline.core.progress import Stopped

    try:
        app()
    except Stopped as error:
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        sys.exit(130)  # what a shell expects of a program that a signal stopped
    except PipelineError as error:
        err.print("[bold red]error[/]", end=" ")
        err.print(str(error), highlight=False, markup=False, soft_wrap=True)
        sys.exit(EXIT_MISUSED if isinstance(error, ConfigError) else EXIT_FAILED)


if __name__ == "__main__":
    main()
