"""The command `counterfactory finetune`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape

from pipeline.cli.flags import read_assignments

if TYPE_CHECKING:
    from pipeline.training.sdxl.config import FinetuneConfig
    from pipeline.training.sdxl.outcome import FinetuneOutcome
    from pipeline.training.sdxl.run import FinetunePlan

out = Console()
err = Console(stderr=True)

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory finetune --run outputs/cc3m` — on the pictures of a run of this project\n\n"
    "`counterfactory finetune --source webdataset --input 'cc12m/{00000..00009}.tar' --dry-run`\n\n"
    "`accelerate launch --module counterfactory finetune --config finetune.toml` — several GPUs\n\n"
    "The same command again goes on where it was stopped or killed."
)


def finetune(
    run: Annotated[
        Path | None, typer.Option("--run", help="Run directory of this project, or a .tar of it.")
    ] = None,
    source: Annotated[
        Literal["cc_tsv", "webdataset", "tabular", "lines", "folder", "coco", "hf"] | None,
        typer.Option("--source", help="Format of the input, where there is no --run."),
    ] = None,
    input_: Annotated[
        str | None, typer.Option("--input", help="File, URL or brace pattern.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="SDXL to start from: folder, hub id or builtin:tiny."),
    ] = None,
    method: Annotated[
        Literal["lora", "full"] | None,
        typer.Option("--method", help="LoRA weights, or the whole UNet.", show_default="lora"),
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Optimiser steps.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Folder.", show_default="outputs/finetuned")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file; flags win over it.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any setting, such as lora.rank=32."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Fine-tune SDXL on pictures with captions: LoRA, or all weights of the UNet."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.training.sdxl.run import plan_finetuning, run_finetuning

    flags = {
        "data.run": str(run) if run else None,
        "source.kind": source,
        "source.input": input_,
        "model": model,
        "method": method,
        "train.steps": steps,
        "output": str(output) if output else None,
    }
    resolved = _config({k: v for k, v in flags.items() if v is not None}, sets or [], config)
    observer = ConsoleObserver(err, quiet=quiet)
    with observer.watching():
        if dry_run:
            print_plan(out, resolved, plan_finetuning(resolved, observer=observer))
            return
        outcome = run_finetuning(resolved, observer=observer)
    if outcome.is_main:
        print_outcome(out, resolved, outcome)


def _config(flags: dict[str, Any], sets: list[str], file: Path | None) -> FinetuneConfig:
    from pipeline.training.sdxl.config import load_finetune_config

    given = read_assignments(sets, example="lora.rank=32")
    given = {key: None if value == "null" else value for key, value in given.items()}
    return load_finetune_config(given | flags, file=file)


def print_plan(console: Console, config: FinetuneConfig, plan: FinetunePlan) -> None:
    """Say what a fine-tuning would do and need."""
    passes = plan.examples_seen / plan.examples
    rows = (
        ("pictures", f"{plan.pictures:,}"),
        ("examples (crops)", f"{plan.examples:,}, {plan.cached:,} of them encoded already"),
        ("steps", f"{plan.steps:,}"),
        ("examples shown on one device", f"{plan.examples_seen:,} ({passes:,.1f} passes)"),
        ("numbers trained", f"{plan.trained:,} ({config.method})"),
        ("one checkpoint", _size(plan.checkpoint_bytes)),
        ("cache at most", _size(plan.cache_bytes)),
    )
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        console.print(f"{name:<{width}}  {value}", highlight=False, markup=False)
    console.print("\nNothing was written.")


def print_outcome(console: Console, config: FinetuneConfig, outcome: FinetuneOutcome) -> None:
    """Say what a fine-tuning made, and how to draw with it."""
    from pipeline.training.sdxl.run import draw_flags

    lines = []
    if outcome.resumed_from:
        lines.append(f"went on from step {outcome.resumed_from:,}")
    if outcome.losses:
        part = max(1, len(outcome.losses) // 10)
        first, last = outcome.losses[:part], outcome.losses[-part:]
        lines.append(
            f"mean loss of the first {part} steps {sum(first) / part:.4f}, "
            f"of the last {part} {sum(last) / part:.4f}"
        )
    if outcome.cache.texts_cut:
        lines.append(f"{outcome.cache.texts_cut:,} captions are over 77 tokens and were cut")
    if outcome.grid is not None:
        lines.append(f"look at it:   {outcome.grid}")
    lines.append(f"written:      {outcome.weights}")
    lines.append(f"draw with it: counterfactory run --images sdxl {draw_flags(config, outcome)}")
    for line in lines:
        console.print(escape(line), highlight=False, soft_wrap=True)


def _size(size_bytes: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:,.1f} {unit}"
    return f"{size_bytes / 1e3:,.1f} kB"
