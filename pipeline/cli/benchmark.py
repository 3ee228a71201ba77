"""The commands `counterfactory benchmark make` and `counterfactory benchmark score`."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from pipeline.tools.score_benchmark import BenchmarkReport
    from pipeline.training.vlm.benchmark.scores import Share

out = Console()
err = Console(stderr=True)

app = typer.Typer(
    name="benchmark",
    help="Make a benchmark of a run's held-out sets, and score models on it and on others.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

MAKE_EPILOG = (
    "**Examples**\n\n"
    "`counterfactory benchmark make outputs/cc3m --output outputs/cc3m-benchmark`\n\n"
    "`counterfactory benchmark make outputs/held-out --split all --per-kind 50 --output bench`"
)
SCORE_EPILOG = (
    "**Examples**\n\n"
    "`counterfactory benchmark score bench --model openai/clip-vit-base-patch32`\n\n"
    "`counterfactory benchmark score sugar-crepe/data --images coco/val2017 --model "
    "open_clip:ViT-B-32/openai`"
)


@app.command(epilog=MAKE_EPILOG)
def make(
    source: Annotated[
        str, typer.Argument(metavar="RUN", help="A run with pictures, or tars of one.")
    ],
    output: Annotated[Path, typer.Option(help="Folder to make.")],
    split: Annotated[
        Literal["train", "validation", "test", "all"], typer.Option(help="Part of the anchors.")
    ] = "test",
    kinds: Annotated[
        str, typer.Option(help="Kinds, by commas, and `full`; all kinds of edits if empty.")
    ] = "",
    per_kind: Annotated[int, typer.Option(min=1, help="Most groups of a kind.")] = 100,
    drop: Annotated[
        float,
        typer.Option(
            min=0, max=0.99, help="Share of each kind to leave out: the worst-scored pictures."
        ),
    ] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
) -> None:
    """Make groups of two pictures and two captions, balanced by kind, with a contact sheet."""
    from pipeline.tools.make_benchmark import SHEET, make_benchmark
    from pipeline.training.vlm.benchmark.make import BenchmarkWishes

    named = [name.strip() for name in kinds.split(",") if name.strip()]
    wishes = BenchmarkWishes(split, frozenset(named) or None, per_kind, drop, seed)
    about = make_benchmark(source, output, wishes)
    table = Table("kind", "there were", "left out by score", "groups", box=None, pad_edge=False)
    for kind, number in about.considered.items():
        table.add_row(
            kind, f"{number:,}", f"{about.dropped.get(kind, 0):,}", f"{about.kept.get(kind, 0):,}"
        )
    out.print(table)
    out.print(f"written: {output}; look at {output / SHEET}", markup=False, soft_wrap=True)


@app.command(epilog=SCORE_EPILOG)
def score(
    path: Annotated[Path, typer.Argument(help="A benchmark of this project or of others.")],
    model: Annotated[
        str,
        typer.Option(
            help="CLIP or SigLIP by folder or hub id, `open_clip:ARCHITECTURE/PRETRAINED`, or "
            "`builtin:world`."
        ),
    ],
    images: Annotated[
        Path | None, typer.Option(help="Folder of the pictures, for benchmarks of others.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Name of the report, without its end.", show_default="<benchmark>.scores"
        ),
    ] = None,
    lm: Annotated[
        str,
        typer.Option(
            help="Language model that guesses without pictures: folder, hub id, "
            "`builtin:smollm2`, or `none`."
        ),
    ] = "none",
    device: Annotated[str, typer.Option(help="Where the model runs.")] = "auto",
) -> None:
    """Score a model by kind, beside chance and what needs no picture; JSON and Markdown."""
    from pipeline.tools.score_benchmark import (
        open_language_model,
        open_model,
        score_benchmark,
        to_markdown,
    )

    with ExitStack() as stack:
        encoder = stack.enter_context(closing(open_model(model, device)))
        blind = open_language_model(lm)
        if blind is not None:
            stack.callback(blind.close)
        status = stack.enter_context(err.status(""))
        done = 0

        def advance(more: int, of: int) -> None:
            nonlocal done
            done += more
            status.update(f"{done:,} of {of:,} questions")

        report = score_benchmark(
            path, model, encoder, images=images, language_model=blind, advance=advance
        )
    target = output or path.resolve().with_name(f"{path.resolve().name}.scores")
    _write(target, report, to_markdown(report))
    print_report(out, report)
    out.print(f"all of it: {target}.md, {target}.json", markup=False, soft_wrap=True)


def print_report(console: Console, report: BenchmarkReport) -> None:
    """Print the scores, a line for each kind, and what a blind reader reaches."""
    names = list(dict.fromkeys(name for scores in report.kinds.values() for name in scores))
    table = Table("kind", "questions", box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right")
    for kind, scores in report.kinds.items():
        cells = [_shown(name, scores[name]) if name in scores else "–" for name in names]
        of = max(share.of for share in scores.values())
        table.add_row(escape(kind), f"{of:,}", *cells)
    console.print(f"{report.model} on {report.benchmark}", highlight=False, markup=False)
    console.print(table)
    best = max(
        report.text_only, key=lambda guess: (guess.kind == "all", guess.accuracy), default=None
    )
    if best is not None:
        console.print(
            f"without pictures, by {best.way}: {best.accuracy:.2f} ({best.kind})", highlight=False
        )
    for warning in report.warnings:
        console.print(f"[yellow]note[/] {escape(warning)}", highlight=False, soft_wrap=True)


def _shown(name: str, share: Share) -> str:
    """The share, with its interval where it is what one reads first."""
    interval = f" [dim]{share.low:.2f}–{share.high:.2f}[/]" if name in {"group", "choice"} else ""
    return f"{share.share:.2f}{interval}"


def _write(target: Path, report: BenchmarkReport, markdown: str) -> None:
    from pipeline.shards.atomic import atomic_file

    text = json.dumps(report.to_json(), indent=2, ensure_ascii=False, sort_keys=True)
    for end, content in (("json", f"{text}\n"), ("md", markdown)):
        with atomic_file(Path(f"{target}.{end}")) as file:
            file.write(content.encode())
