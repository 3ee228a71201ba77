"""The command `counterfactory train-vlm`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.cli.flags import read_assignments

if TYPE_CHECKING:
    from pipeline.training.vlm.finetune.outcome import VlmOutcome
    from pipeline.training.vlm.finetune.validation import ValidationResult

out = Console()
err = Console(stderr=True)

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory train-vlm outputs/cc3m --model openai/clip-vit-base-patch32`\n\n"
    "`counterfactory train-vlm outputs/cc3m --model open_clip:ViT-B-32/openai "
    "--objective neg_clip --set train.batch_size=256`\n\n"
    "`counterfactory train-vlm outputs/cc3m --method lora --set neutral_weight=50`\n\n"
    "`accelerate launch --module counterfactory train-vlm outputs/cc3m` — several GPUs\n\n"
    "The same command again goes on where it was stopped or killed."
)


def train_vlm(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run with pictures, `shards.txt`, or tars of one."),
    ] = "",
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="CLIP or SigLIP by folder or hub id, `builtin:world`, or `open_clip:…`.",
            show_default="openai/clip-vit-base-patch32",
        ),
    ] = None,
    objective: Annotated[
        str | None, typer.Option("--objective", help="The loss.", show_default="triplet_clip")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", help="`full` or `lora`.", show_default="full"),
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Optimiser steps.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Folder.", show_default="outputs/trained-vlm")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file; flags win over it.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any setting, such as lora.rank=32."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Fine-tune a CLIP or SigLIP on a run's sets; writes the best by held-out anchors."""
    from pipeline.cli.progress import ConsoleObserver
    from pipeline.training.vlm.finetune.config import load_vlm_config
    from pipeline.training.vlm.finetune.trainer import train_vlm as train

    given = read_assignments(sets or [], example="lora.rank=32")
    flags = {
        "run": run or None,
        "model": model,
        "objective": objective,
        "method": method,
        "train.steps": steps,
        "output": str(output) if output else None,
    }
    named = {key: value for key, value in flags.items() if value is not None}
    resolved = load_vlm_config(
        {key: None if value == "null" else value for key, value in given.items()} | named,
        file=config,
    )
    observer = ConsoleObserver(err, quiet=quiet)
    with observer.watching():
        outcome = train(resolved, observer=observer)
    if outcome.is_main:
        print_outcome(out, outcome)


def print_outcome(console: Console, outcome: VlmOutcome) -> None:
    """Say what a training made: the accuracies before and after, and where the model is."""
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
    if outcome.validations:
        chosen = [v for v in outcome.validations if v.step == outcome.best_step]
        _print_accuracies(console, outcome.validations[0], (chosen or outcome.validations)[-1])
        if outcome.best_step == 0:
            lines.append(
                "the model as it was before is the best on the held-out sets, and is what was "
                "written: train longer, at another rate, or on more sets"
            )
    else:
        lines.append(
            "no set was held out (5 % of the anchors are), so the last weights were written "
            "and nothing says whether they are better"
        )
    lines.append(f"look at it:  {outcome.curves}")
    lines.append(f"written:     {outcome.model} (weights of step {outcome.best_step:,})")
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _print_accuracies(console: Console, before: ValidationResult, after: ValidationResult) -> None:
    table = Table("kind", "held-out edits", "before", "after", box=None, pad_edge=False)
    for kind, number in after.counted.items():
        table.add_row(
            kind, f"{number:,}", f"{before.accuracy.get(kind, 0.0):.2f}",
            f"{after.accuracy[kind]:.2f}",
        )  # fmt: skip
    table.add_row("mean", "", f"{before.mean:.2f}", f"{after.mean:.2f}")
    console.print(table)
