"""The report of a finished run, as a markdown page in Prefect and as one line. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from pipeline.shards.counts import ShardCounts, most_first
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest
from pipeline.shards.timings import Effort


def artifact_key(layout: RunLayout) -> str:
    """Key of a run directory's summary: lower-case letters, digits and dashes."""
    slug = re.sub(r"[^a-z0-9]+", "-", layout.root.name.lower()).strip("-")
    return f"generate-cf-{slug}" if slug else "generate-cf"


def headline(manifest: Manifest, layout: RunLayout) -> str:
    """One line for the state of the flow run."""
    counts = manifest.counts
    edits = sum(kind.made for kind in counts.edits.values())
    return (
        f"{counts.samples:,} sets from {counts.rows:,} rows: {edits:,} minimal edits, "
        f"{counts.full.made:,} full counterfactuals, {counts.images:,} pictures in "
        f"{len(manifest.shards):,} shards, {layout.shards_dir}"
    )


def markdown(manifest: Manifest, layout: RunLayout, efforts: Sequence[Effort] = ()) -> str:
    """The page: what was made and refused and why, how long it took, where it is."""
    counts = manifest.counts
    sections = [
        f"# {layout.root.name}",
        headline(manifest, layout),
        "## Made",
        _table(("kind", "made", "refused"), _kinds(counts)),
        "## Rows without a set",
        _reasons(counts.rejected, "Every row of the input became a set."),
        "## Counterfactuals refused within sets",
        _reasons(counts.refused, "None."),
        *_answers(counts),
        "## Times",
        _times(efforts),
        "## Where it is",
        _places(manifest, layout),
        "## Look at it",
        "In the project's folder, on the machine that holds the files:\n\n"
        f"    open {shlex.quote(str(layout.root / 'report' / 'index.html'))}\n"
        f"    counterfactory inspect {shlex.quote(str(layout.root))}\n"
        f"    counterfactory verify {shlex.quote(str(layout.root))}",
    ]
    return "\n\n".join(sections) + "\n"


def _kinds(counts: ShardCounts) -> Iterable[tuple[str, str, str]]:
    for kind, both in counts.edits.items():
        yield f"minimal: {kind}", f"{both.made:,}", f"{both.refused:,}"
    yield "full", f"{counts.full.made:,}", f"{counts.full.refused:,}"
    for kind, pictures in counts.pictures.items():
        yield f"pictures: {kind}", f"{pictures.made:,}", f"{pictures.refused:,}"
    yield "pictures in the shards", f"{counts.images:,}", ""
    yield "anchors with their own picture", f"{counts.anchor_images:,}", ""
    if counts.tokens_in or counts.tokens_out:
        yield "language-model tokens read", f"{counts.tokens_in:,}", ""
        yield "language-model tokens written", f"{counts.tokens_out:,}", ""


def _reasons(reasons: Mapping[str, int], otherwise: str) -> str:
    if not reasons:
        return otherwise
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return _table(("reason", "count"), ((f"`{name}`", f"{count:,}") for name, count in ordered))


def _answers(counts: ShardCounts) -> Iterable[str]:
    """What became of what a language model was asked; nothing where none was."""
    said = counts.answers
    if not said.asked:
        return
    yield "## Language model"
    lost = {f"captions lost: `{reason}`": number for reason, number in most_first(said.lost)}
    refused = {f"refused: `{reason}`": number for reason, number in most_first(said.refused)}
    rows = {
        "captions asked about": said.asked,
        "read at once": said.read,
        "read when asked again": said.repaired,
        **lost,
        "counterfactuals of it kept": said.kept,
        **refused,
    }
    yield _table(("answers", "count"), ((name, f"{number:,}") for name, number in rows.items()))


def _times(efforts: Sequence[Effort]) -> str:
    """Seconds are summed over processes, as a GPU's hours are paid."""
    if not efforts:
        return "Not known."
    header = ("stage", "shards", "seconds", "made", "per second", "GPU-hours")
    return _table(header, map(_time, efforts))


def _time(effort: Effort) -> tuple[str, ...]:
    rate = f"{effort.items / effort.seconds:,.2f}" if effort.seconds else ""
    hours = "" if effort.gpu_hours is None else f"{effort.gpu_hours:,.3f}"
    made = f"{effort.items:,} {effort.unit}"
    return effort.stage, f"{effort.shards:,}", f"{effort.seconds:,.1f}", made, rate, hours


def _places(manifest: Manifest, layout: RunLayout) -> str:
    tars = [receipt.tar for receipt in manifest.shards if receipt.tar is not None]
    size_bytes = sum(tar.size_bytes for tar in tars)
    return (
        f"- shards: `{layout.shards_dir}`, {len(tars):,} tars, {size_bytes:,} bytes\n"
        f"- manifest with checksums: `{layout.manifest_json}`\n"
        f"- config fingerprint: `{manifest.config_fingerprint}`"
    )


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" if i == 0 else "---:" for i in range(len(header))), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
