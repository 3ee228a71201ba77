"""The commands `counterfactory eval-renderer` and `eval-scorer`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pipeline.cli.flags import read_assignments
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue

if TYPE_CHECKING:
    from pipeline.config.images import ImagesConfig
    from pipeline.evaluation.renderer import FactReport, PairReport
    from pipeline.evaluation.scorer import Preferences

out = Console()

WORLD_SETTINGS = {
    "images.width_px": 128,
    "images.height_px": 128,
    "images.steps": 12,
    "images.guidance_scale": 2.0,
    "images.batch_size": 32,
    "images.fractions": {
        "attribute": (0.3, 0.8, 0.8),
        "object": (0.4, 0.6, 0.8),
        "object.setting": (0.1, 0.3, 0.0),
    },
}
"""What the shipped model is made for."""

GRID = 64
"""Pictures in a grid, the first ones."""

EPILOG = (
    "**Examples**\n\n"
    "`counterfactory eval-renderer`  the model that comes with the package\n\n"
    "`counterfactory eval-renderer --model my/folder --captions 100 --pairs 0`"
)

SCORER_EPILOG = (
    "**Examples**\n\n"
    "`counterfactory eval-scorer`  the small CLIP that comes with the package\n\n"
    "`counterfactory eval-scorer --drawn 20`  also on pictures that the small SDXL draws\n\n"
    "`counterfactory eval-scorer --model openai/clip-vit-base-patch32`"
)


def eval_renderer(
    model: Annotated[str, typer.Option(help="SDXL folder or id.")] = "builtin:world",
    captions: Annotated[int, typer.Option(min=1, help="Captions of unseen scenes.")] = 500,
    pairs: Annotated[int, typer.Option(min=0, help="Unseen pairs a kind; 0 for none.")] = 300,
    kinds: Annotated[str, typer.Option(help="Kinds of pairs, by commas; all if empty.")] = "",
    strategies: Annotated[str, typer.Option(help="Strategies, by commas; all if empty.")] = "",
    output: Annotated[Path | None, typer.Option(help="Folder for report and pictures.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="An image setting: images.steps=8.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of scenes and noise.")] = 0,
) -> None:
    """Draw a world whose truth is known, and count what is right: facts, and minimal edits.

    Captions and edited scenes are none that the package's own model was trained on. A model
    that was not trained on this world at all will do badly.
    """
    from pipeline.adapters.sdxl.renderer import open_renderer
    from pipeline.evaluation.renderer import (
        GOALS,
        PAIR_KINDS,
        STRATEGIES,
        evaluate_facts,
        evaluate_pairs,
    )

    chosen_kinds = pick_names(kinds, PAIR_KINDS, "--kinds")
    chosen_strategies = pick_names(strategies, STRATEGIES, "--strategies")
    images = _images(model, settings or [])
    renderer = open_renderer(images)
    try:
        with progress_bar("captions", captions) as advance:
            facts = evaluate_facts(
                renderer, captions, batch_size=images.batch_size, seed=seed, advance=advance
            )
        out.print(facts_table(facts, GOALS))
        found: list[PairReport] = []
        for kind in chosen_kinds if pairs else ():
            with progress_bar(f"pairs: {kind}", pairs) as advance:
                found += evaluate_pairs(
                    renderer,
                    images,
                    kind,
                    pairs,
                    strategies=chosen_strategies,
                    seed=seed,
                    advance=advance,
                )
        if found:
            out.print(pairs_table(found))
    finally:
        renderer.close()
    if output is not None:
        write_report(output, facts, found, dict(renderer.provenance))


def eval_scorer(
    model: Annotated[str, typer.Option(help="CLIP or SigLIP: folder or id.")] = "builtin:world",
    pairs: Annotated[int, typer.Option(min=1, help="Unseen painted pairs a kind.")] = 300,
    drawn: Annotated[int, typer.Option(min=0, help="Pairs a kind that are drawn.")] = 0,
    renderer: Annotated[str, typer.Option(help="SDXL that draws them.")] = "builtin:world",
    kinds: Annotated[str, typer.Option(help="Kinds of pairs, by commas; all if empty.")] = "",
    output: Annotated[Path | None, typer.Option(help="JSON file for the counts.")] = None,
    device: Annotated[str, typer.Option(help="Where both models run.")] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Seed of scenes and noise.")] = 0,
) -> None:
    """Count how often a CLIP prefers the caption that is true to one that is a fact apart.

    The pictures are painted, so their truth is known; with --drawn also some that an image
    model draws, whose truth the world's own reader sees. A CLIP that was trained on
    photographs knows little of this world.
    """
    from pipeline.adapters.clip.encoder import open_joint_encoder
    from pipeline.adapters.sdxl.renderer import open_renderer
    from pipeline.config.scores import ScoresConfig
    from pipeline.evaluation.renderer import PAIR_KINDS
    from pipeline.evaluation.scorer import SCORER_GOALS, prefer_drawn, prefer_painted

    chosen = pick_names(kinds, PAIR_KINDS, "--kinds")
    encoder = open_joint_encoder(ScoresConfig(clip=model, device=device))
    images = _images(renderer, [f"images.device={device}"])
    painter = open_renderer(images) if drawn else None
    found: dict[str, tuple[Preferences, Preferences | None]] = {}
    try:
        for kind in chosen:
            painted, seen = prefer_painted(encoder, kind, pairs, seed=seed), None
            if painter is not None:
                with progress_bar(f"{kind} drawn", drawn) as advance:
                    seen = prefer_drawn(
                        encoder, painter, images, kind, drawn, seed=seed, advance=advance
                    )
            found[kind] = (painted, seen)
    finally:
        encoder.close()
        if painter is not None:
            painter.close()
    out.print(preferences_table(found, SCORER_GOALS))
    if output is not None:
        write_preferences(output, found, dict(encoder.provenance))


def preferences_table(
    found: Mapping[str, tuple[Preferences, Preferences | None]], goals: Mapping[str, float]
) -> Table:
    """How often the true caption is preferred, by kind."""
    table = Table(title="Pictures nearer to the true one of two captions a fact apart")
    columns = ["painted", "of", "share", "goal", "both of a pair", "margin"]
    is_drawn = any(seen is not None for _, seen in found.values())
    for column in ("kind", *columns, *(("drawn", "of", "share") if is_drawn else ())):
        is_kind = column == "kind"
        table.add_column(column, justify="left" if is_kind else "right", no_wrap=is_kind)
    for kind, (painted, seen) in found.items():
        right = painted.right
        goal = f"{goals[kind]:.2f}" if kind in goals else ""
        row = [kind, str(right.right), str(right.asked), f"{right.share:.3f}", goal]
        row += [f"{painted.both.share:.3f}", f"{painted.margin:.3f}"]
        if seen is not None:
            row += [str(seen.right.right), str(seen.right.asked), f"{seen.right.share:.3f}"]
        table.add_row(*row)
    return table


def write_preferences(
    file: Path,
    found: Mapping[str, tuple[Preferences, Preferences | None]],
    provenance: Mapping[str, JsonValue],
) -> None:
    """Write the counts of every kind as JSON."""
    from pipeline.shards.atomic import atomic_file
    from pipeline.stores.location import located

    report = {
        "model": provenance,
        "kinds": {
            kind: {
                "painted": painted.to_json(),
                "drawn": None if seen is None else seen.to_json(),
            }
            for kind, (painted, seen) in found.items()
        },
    }
    with atomic_file(file) as stream:
        stream.write(json.dumps(report, indent=1).encode())
    out.print(f"{located(file)}")


def _images(model: str, settings: list[str]) -> ImagesConfig:
    """The image settings: those that suit the world, then what the user set."""
    from pipeline.config.loading import load_config

    given = read_assignments(settings, example="images.steps=8", sections=("images",))
    world = {"images.renderer": "sdxl", "images.model": model, **WORLD_SETTINGS}
    return load_config(world | given, environ=os.environ).images


def pick_names(names: str, known: Sequence[str], option: str) -> tuple[str, ...]:
    """The named ones of `known`, or all."""
    chosen = tuple(name.strip() for name in names.split(",") if name.strip())
    for name in chosen:
        if name not in known:
            raise ConfigError(f"{option} {name}: choose from {', '.join(known)}")
    return chosen or tuple(known)


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar that goes away when it is full."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda amount: progress.advance(task, amount)


def facts_table(report: FactReport, goals: Mapping[str, float]) -> Table:
    """How often each kind of fact is right."""
    table = Table(title="Facts of unseen captions")
    for column in ("fact", "right", "of", "share", "goal"):
        table.add_column(column, justify="left" if column == "fact" else "right")
    for name, shares in report.facts.items():
        goal = f"{goals[name]:.2f}" if name in goals else ""
        row = (name, str(shares.right), str(shares.asked), f"{shares.share:.3f}", goal)
        table.add_row(*row)
    table.caption = f"{report.seconds_an_image:.2f} s an image, {len(report.pictures)} images"
    return table


def pairs_table(reports: Sequence[PairReport]) -> Table:
    """How often an edit is visible, all else is kept, and both."""
    table = Table(title=f"Unseen pairs, {reports[0].both.asked} a kind")
    for column in ("kind", "strategy", "visible", "rest kept", "both"):
        table.add_column(column, justify="left" if column in ("kind", "strategy") else "right")
    for report in reports:
        shares = (report.visible, report.kept, report.both)
        table.add_row(report.kind, report.strategy, *(f"{s.share:.3f}" for s in shares))
    strategies = dict.fromkeys(report.strategy for report in reports)
    for strategy in strategies:
        own = [report for report in reports if report.strategy == strategy]
        means = (
            sum(getattr(report, name).share for report in own) / len(own)
            for name in ("visible", "kept", "both")
        )
        table.add_row("mean", strategy, *(f"{mean:.3f}" for mean in means))
    return table


def write_report(
    folder: Path,
    facts: FactReport,
    pairs: Sequence[PairReport],
    provenance: Mapping[str, JsonValue],
) -> None:
    """Write `report.json`, `facts.png` and a `KIND.STRATEGY.png` of each kind of pairs."""
    from pipeline.report.grid import save_grid
    from pipeline.shards.atomic import atomic_file
    from pipeline.stores.location import located

    folder = located(folder)
    report = {
        "image_model": provenance,
        "facts": {name: shares.to_json() for name, shares in facts.facts.items()},
        "seconds_an_image": round(facts.seconds_an_image, 4),
        "pairs": [
            {
                "kind": pair.kind,
                "strategy": pair.strategy,
                "visible": pair.visible.to_json(),
                "kept": pair.kept.to_json(),
                "both": pair.both.to_json(),
            }
            for pair in pairs
        ],
        "captions": [
            {"caption": caption, "wrong": [f"{fact.of}={fact.value}" for fact in wrong]}
            for caption, wrong in zip(facts.captions, facts.wrong, strict=True)
        ],
    }
    with atomic_file(folder / "report.json") as file:
        file.write(json.dumps(report, indent=1).encode())
    save_grid(folder / "facts.png", facts.pictures[:GRID], columns=8)
    for pair in pairs:
        both = [picture for pictures in pair.pictures[: GRID // 2] for picture in pictures]
        save_grid(folder / f"{pair.kind}.{pair.strategy}.png", both, columns=8)
    out.print(f"{folder}: report.json and pictures")
