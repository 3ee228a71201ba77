"""What Prefect shows of a training beside its progress: grids, and a summary at its end. Pure."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.run import draw_flags
from pipeline.training.vlm.finetune.config import VlmConfig
from pipeline.training.vlm.finetune.outcome import VlmOutcome

GRID_PX = 1024
"""Longest side of a grid in Prefect, which keeps it in its database; the file is whole."""


def picture_url(path: Path) -> str:
    """The picture itself as a `data:` address, scaled down to GRID_PX."""
    from PIL import Image

    with Image.open(path) as image:
        image.thumbnail((GRID_PX, GRID_PX))
        buffer = io.BytesIO()
        image.save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def artifact_key(config: FinetuneConfig, what: str) -> str:
    """Key of an output folder's artifact: lower-case letters, digits and dashes."""
    return key_of("finetune-sdxl", config.folder, what)


def key_of(flow: str, folder: Path, what: str) -> str:
    """Key of an artifact of a flow that trains into a folder, likewise."""
    slug = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-")
    return "-".join(part for part in (flow, slug, what) if part)


def headline(outcome: FinetuneOutcome) -> str:
    """One line for the state of the flow run."""
    before = f" from step {outcome.resumed_from:,}" if outcome.resumed_from else ""
    return (
        f"{outcome.steps:,} steps{before} on {outcome.examples:,} examples, "
        f"{outcome.trained:,} numbers trained: {outcome.weights.resolve()}"
    )


def markdown(config: FinetuneConfig, outcome: FinetuneOutcome) -> str:
    """The page: how the loss moved, what was read, how to draw with the weights."""
    part = max(1, len(outcome.losses) // 10)
    losses = [sum(some) / part for some in (outcome.losses[:part], outcome.losses[-part:])]
    moved = (
        f"{losses[0]:.4f} at first, {losses[1]:.4f} at last" if outcome.losses else "no step left"
    )
    return (
        f"# {config.folder.name}\n\n{headline(outcome)}\n\n"
        f"- mean loss in this run: {moved}\n"
        f"- pictures encoded: {outcome.cache.pictures_encoded:,}, "
        f"found in the cache: {outcome.cache.pictures_reused:,}\n\n"
        f"## Draw with it\n\n    counterfactory run --images sdxl {draw_flags(config, outcome)}\n"
    )


def vlm_headline(outcome: VlmOutcome) -> str:
    """One line for the state of the flow run of a vision-language training."""
    before = f" from step {outcome.resumed_from:,}" if outcome.resumed_from else ""
    return (
        f"{outcome.steps:,} steps{before}, {outcome.trained:,} numbers trained, weights of step "
        f"{outcome.best_step:,}: {outcome.model.resolve()}"
    )


def vlm_markdown(config: VlmConfig, outcome: VlmOutcome) -> str:
    """The page: accuracies on held-out sets before and after, by kind."""
    lines = [f"# {config.folder.name}", "", vlm_headline(outcome), ""]
    if outcome.validations:
        first = outcome.validations[0]
        chosen = [v for v in outcome.validations if v.step == outcome.best_step]
        last = (chosen or outcome.validations)[-1]
        lines.append(f"| kind | edits | step {first.step} | step {last.step} |")
        lines.append("| --- | --- | --- | --- |")
        for kind, number in last.counted.items():
            before, after = first.accuracy.get(kind, 0.0), last.accuracy[kind]
            lines.append(f"| {kind} | {number:,} | {before:.2f} | {after:.2f} |")
        lines.append(f"| mean | | {first.mean:.2f} | {last.mean:.2f} |")
    else:
        lines.append("No set was held out: nothing says whether the weights are better.")
    return "\n".join(lines) + "\n"
