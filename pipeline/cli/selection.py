"""The commands `counterfactory calibrate` and `counterfactory eval-selection`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.cli.evaluation import WORLD_SETTINGS, pick_names, progress_bar
from pipeline.cli.flags import read_assignments
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.config.run import RunConfig
    from pipeline.evaluation.controls import ControlSet
    from pipeline.evaluation.selection import SelectionReport
    from pipeline.selection.calibrate import Fitted
    from pipeline.selection.fit_bands import LabelledPicture

out = Console()

SELECTION_SETTINGS = {
    **WORLD_SETTINGS,
    "images.renderer": "sdxl",
    "images.model": "builtin:world",
    "images.candidates": 4,
    "scores.clip": "builtin:world",
}

CALIBRATE_EPILOG = (
    "**Examples**\n\n"
    "`counterfactory calibrate RUN --labels labels.csv --output bands.toml` — from pictures of a "
    "run that you marked: a table of key, variant, label (and candidate), where the label is "
    "`right` or `wrong`; the run's report page writes it\n\n"
    "`counterfactory calibrate --output bands.toml` — from the packaged world, whose truth is "
    "known: this made `builtin:world`"
)
EVALUATE_EPILOG = (
    "**Examples**\n\n"
    "`counterfactory eval-selection`  200 sets of 4 candidates\n\n"
    "`counterfactory eval-selection --kinds colour,count --pairs 20 --bands bands.toml`"
)

SettingsOption = Annotated[
    list[str] | None, typer.Option("--set", help="Another setting, such as images.steps=8.")
]


def calibrate(
    run: Annotated[
        Path | None, typer.Argument(help="A run with scores; without one, the packaged world.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="What is right in that run: CSV or JSON lines.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Bands file to write.")] = None,
    precision: Annotated[
        float, typer.Option(min=0.5, max=1, help="Wanted share of right pictures.")
    ] = 0.97,
    least_recall: Annotated[
        float, typer.Option(min=0.05, max=1, help="Share of the right pictures to keep at least.")
    ] = 0.7,
    drawn: Annotated[int, typer.Option(min=0, help="Pairs of a kind that are drawn.")] = 60,
    painted: Annotated[int, typer.Option(min=0, help="Pairs of a kind that are painted.")] = 60,
    kinds: Annotated[str, typer.Option(help="Kinds of pairs, by commas; all if empty.")] = "",
    settings: SettingsOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of scenes and noise.")] = 100,
) -> None:
    """Fit the bands of selection to labelled pictures; print what they keep, by kind.

    What is reported is by two-fold cross-validation: each half of the pictures is judged by
    bands that are fitted to the other half. The bands that are written are fitted to all.
    """
    from pipeline.selection.calibrate import band_table, fit_groups, read_labelled
    from pipeline.selection.fit_bands import bands_toml
    from pipeline.shards.atomic import atomic_file
    from pipeline.stores.location import is_stored, located

    if (run is None) != (labels is None):
        raise ConfigError("give a run and its --labels together, or neither of them")
    if output is not None and is_stored(located(output)):
        raise ConfigError(
            f"--output {located(output)}: selection.bands takes a file of this machine; name a "
            "local file, and copy it there"
        )
    if run is not None and labels is not None:
        pictures = read_labelled(located(run), located(labels))
        made = f"from {len(pictures)} labelled pictures"
    else:
        pictures = _world_pictures(_config(settings), kinds, drawn, painted, seed)
        made = f"from {drawn} drawn and {painted} painted pairs a kind, seed {seed}"
    fitted = fit_groups(pictures, precision=precision, min_recall=least_recall)
    out.print(calibration_table(fitted))
    table = band_table(fitted)
    text = bands_toml(
        table,
        [
            f"Bands of scores, fitted by `counterfactory calibrate` {made}",
            f"for {precision:.0%} right pictures among the kept ones.",
        ],
    )
    if output is None:
        out.print(text, markup=False, highlight=False)
        return
    with atomic_file(output) as file:
        file.write(text.encode())
    out.print(f"{output}: use it as selection.bands", markup=False, highlight=False)


def eval_selection(
    bands: Annotated[str, typer.Option(help="Bands file or builtin:world.")] = "builtin:world",
    pairs: Annotated[int, typer.Option(min=1, help="Sets of a kind.")] = 50,
    kinds: Annotated[
        str, typer.Option(help="Kinds of pairs, by commas.")
    ] = "colour,object,count,relation",
    output: Annotated[Path | None, typer.Option(help="JSON report to write.")] = None,
    settings: SettingsOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of scenes and noise.")] = 0,
) -> None:
    """Draw a world whose truth is known, select, and count what is right before and after."""
    from pipeline.adapters.sdxl.renderer import open_renderer
    from pipeline.evaluation.controls import draw_controls, measure_controls
    from pipeline.evaluation.renderer import PAIR_KINDS
    from pipeline.evaluation.selection import evaluate_selection
    from pipeline.runs.opening import open_score_stage
    from pipeline.shards.atomic import atomic_file

    config = _config([f"selection.bands={bands}", *(settings or [])])
    renderer = open_renderer(config.images)
    stage = open_score_stage(config, os.environ)
    reports: list[SelectionReport] = []
    try:
        for kind in pick_names(kinds, PAIR_KINDS, "--kinds"):
            with progress_bar(f"{kind}: drawing", pairs) as advance:
                sets = list(
                    draw_controls(renderer, config.images, kind, pairs, seed=seed, advance=advance)
                )
            sets, _ = measure_controls(stage, sets)
            reports.append(evaluate_selection(kind, sets, config.selection))
    finally:
        renderer.close()
        stage.close()
    out.print(selection_table(reports))
    out.print(filters_table(reports))
    if output is not None:
        with atomic_file(output) as file:
            file.write(json.dumps([report.to_json() for report in reports], indent=1).encode())


def _config(settings: Sequence[str] | None) -> RunConfig:
    """The settings that suit the world, then what the user set."""
    from pipeline.config.loading import load_config

    sections = ("images", "scores", "selection")
    given = read_assignments(settings or (), example="images.steps=8", sections=sections)
    return load_config(SELECTION_SETTINGS | given, environ=os.environ)


def _world_pictures(
    config: RunConfig, kinds: str, drawn: int, painted: int, seed: int
) -> list[LabelledPicture]:
    """Measured pictures of the world with what each of them is."""
    from pipeline.adapters.sdxl.renderer import open_renderer
    from pipeline.evaluation.controls import draw_controls, measure_controls, paint_controls
    from pipeline.evaluation.renderer import PAIR_KINDS
    from pipeline.runs.opening import open_score_stage

    stage = open_score_stage(config, os.environ)
    renderer = open_renderer(config.images)
    pictures: list[LabelledPicture] = []
    try:
        for kind in pick_names(kinds, PAIR_KINDS, "--kinds"):
            sets: list[ControlSet] = list(paint_controls(kind, painted, seed=seed))
            with progress_bar(f"{kind}: drawing", drawn) as advance:
                sets += draw_controls(
                    renderer, config.images, kind, drawn, seed=seed, advance=advance
                )
            pictures += measure_controls(stage, sets)[1]
    finally:
        renderer.close()
        stage.close()
    return pictures


def calibration_table(fitted: Sequence[Fitted]) -> Table:
    """Precision and recall by cross-validation, with the bounds."""
    from pipeline.selection.calibrate import what_is_lacking

    table = Table(title="Bands, judged on pictures that they were not fitted to")
    for column in ("kind", "pictures", "right", "precision", "recall", "bounds"):
        table.add_column(column, justify="left" if column in ("kind", "bounds") else "right")
    for one in fitted:
        judged = one.held_out
        bounds = ", ".join(
            f"{bound.score} {'≥' if bound.is_least else '≤'} {bound.value:g}"
            for bound in one.bounds
        )
        table.add_row(
            one.group, str(judged.right + judged.wrong), f"{judged.before:.3f}",
            f"{judged.precision:.3f}", f"{judged.recall:.3f}",
            bounds or f"none: {what_is_lacking(one)}",
        )  # fmt: skip
    return table


def selection_table(reports: Sequence[SelectionReport]) -> Table:
    """Right pairs before and after, by kind."""
    first = reports[0]
    table = Table(title=f"{first.first.asked} sets a kind, by the world's reader")
    columns = ("kind", "all drawn", "first", "some right", "kept", "right among kept", "wrong")
    for column in columns:
        table.add_column(column, justify="left" if column in ("kind", "wrong") else "right")
    for report in reports:
        wrong = ", ".join(f"{number} {label}" for label, number in report.wrong.items())
        shares = (report.drawn, report.first, report.best, report.kept, report.accepted)
        table.add_row(report.kind, *(f"{s.share:.3f}" for s in shares), wrong)
    return table


def filters_table(reports: Sequence[SelectionReport]) -> Table:
    """What each bound alone refuses."""
    table = Table(title="Each bound alone, on all candidates")
    for column in ("kind", "bound", "precision", "recall"):
        table.add_column(column, justify="left" if column in ("kind", "bound") else "right")
    for report in reports:
        for reason, judged in report.filters.items():
            wrong = judged.wrong - judged.wrong_kept
            refused = wrong + judged.right - judged.right_kept
            precision = f"{wrong / refused:.2f}" if refused else "–"
            recall = f"{wrong / judged.wrong:.2f}" if judged.wrong else "–"
            table.add_row(report.kind, reason, precision, recall)
    table.caption = "precision: wrong among the refused; recall: refused among the wrong"
    return table
