"""What `counterfactory inspect` finds: counts, and a contact sheet of some sets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pipeline.config.prices import Price, find_price
from pipeline.core.records import Role
from pipeline.report.contact_sheet import Mark, SheetCell, draw_sheet
from pipeline.shards.atomic import atomic_file
from pipeline.shards.counts import Tally
from pipeline.shards.document import MinimalEntry
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_receipt
from pipeline.shards.reader import StoredSample, iterate_samples, tars_at
from pipeline.shards.run_json import read_run_json


@dataclass(frozen=True, slots=True)
class Spent:
    """What a language model read and wrote for one kind of caption.

    Attributes:
        tokens_in: Tokens read.
        tokens_out: Tokens written.
        usd: What they cost at today's list price, asked one by one; None where it is not known.
    """

    tokens_in: int
    tokens_out: int
    usd: float | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is in a run or a shard.

    Attributes:
        path: What was read.
        samples: Sets.
        kinds: "kind · subkind" → minimal edits.
        full: Complete counterfactuals.
        proposers: Who proposed the captions → how many.
        images: Pictures, drawn or the anchors' own.
        sheet: The contact sheet, or None where there was nothing to show.
        sheet_rows: Sets on it.
        tokens: `stage/kind` → what a language model read and wrote for it, of a run's finished
            shards; empty for a single tar.
        complete: False for a run directory without a manifest: more is to come.
    """

    path: Path
    samples: int
    kinds: dict[str, int]
    full: int
    proposers: dict[str, int]
    images: int
    sheet: Path | None
    sheet_rows: int
    complete: bool = True
    tokens: Mapping[str, Spent] = field(default_factory=dict)


def inspect_path(path: Path, *, sheet: Path | None, rows: int, start: int = 0) -> Inspection:
    """Read every sample of a run directory or of one tar, and draw a sheet.

    Args:
        path: A run directory, or a shard.
        sheet: Where the sheet goes; `<name>.png` beside what was read if None.
        rows: Sets on the sheet.
        start: First set on the sheet.

    Raises:
        ConfigError: There is nothing at `path` that can be read.
        ShardCorruptError: A shard, or run.json, is damaged.
    """
    kinds: Counter[str] = Counter()
    proposers: Counter[str] = Counter()
    samples = full = images = 0
    tars = tars_at(path)
    for sample in iterate_samples(tars):
        document = sample.document
        samples += 1
        kinds.update(f"{edit.kind} · {edit.subkind}" for edit in document.minimal)
        proposers.update(edit.proposer for edit in document.minimal)
        proposers.update(whole.proposer for whole in document.full)
        full += len(document.full)
        images += len({entry.file for entry in document.images.values()})
    shown = [_row(sample) for sample in islice(iterate_samples(tars), start, start + rows)]
    target: Path | None = None
    if shown:
        target = sheet or _beside(path.resolve())
        title = f"{path} · {len(shown)} of {samples} sets"
        with atomic_file(target) as file:
            draw_sheet(shown, title=title).save(file, format="PNG")
    return Inspection(
        path,
        samples,
        dict(sorted(kinds.items())),
        full,
        dict(sorted(proposers.items())),
        images,
        target,
        len(shown),
        path.is_file() or RunLayout(path).manifest_json.exists(),
        {} if path.is_file() else _tokens(RunLayout(path)),
    )


def _tokens(layout: RunLayout) -> dict[str, Spent]:
    """Tokens by stage and kind over the finished shards, with their price."""
    tally = Tally()
    numbers = (p.stem for p in layout.shards_dir.glob("*.json") if p.stem.isdigit())
    for number in sorted(numbers):
        found = read_receipt(layout, int(number), check="size")
        if found is not None:
            tally.add_counts(found.counts)
    price = _list_price(layout)
    return {
        label: Spent(
            used.tokens_in,
            used.tokens_out,
            None if price is None else price.cost_usd(used.tokens_in, used.tokens_out),
        )
        for label, used in tally.counts().tokens.items()
    }


def _list_price(layout: RunLayout) -> Price | None:
    """Price of the model that run.json names; None where it is not known."""
    record = read_run_json(layout)
    if record.text("llm.provider") == "local":
        return Price(0.0, 0.0)
    price = find_price(record.text("llm.model"), {}, needed=False)
    return price if price != Price(0.0, 0.0) else None


def _beside(path: Path) -> Path:
    """Where a sheet goes: beside the run directory, never into it."""
    run = path.parent.parent
    if path.suffix == ".tar" and RunLayout(run).run_json.exists():
        return run.parent / f"{run.name}-{path.stem}.png"
    return path.parent / f"{path.name.removesuffix('.tar')}.png"


def _row(sample: StoredSample) -> list[SheetCell]:
    """A set as cells: the facts first, then the minimal edits, then the complete ones."""
    document = sample.document
    cells = [SheetCell("factual", document.caption, image=sample.image("factual"))]
    for edit in document.minimal:
        note = f"was “{' … '.join(edit.old)}”" if any(edit.old) else "added"
        if edit.factual != document.caption:
            note = f"beside “{edit.factual}”"
        cells.append(
            SheetCell(
                f"{edit.kind} · {edit.subkind}".replace("_", " "),
                edit.caption,
                _marks(edit),
                sample.image(edit.variant),
                note,
                _why_missing(sample, edit.variant),
            )
        )
    cells += [
        SheetCell(
            "full",
            whole.caption,
            image=sample.image(whole.variant),
            missing=_why_missing(sample, whole.variant),
        )
        for whole in document.full
    ]
    cells += [SheetCell(f"neutral · {one.kind}", one.caption) for one in document.neutral]
    return cells


def _why_missing(sample: StoredSample, variant: str) -> str:
    """The reason that stands for a picture; empty where there is one, or none was wanted."""
    document = sample.document
    if variant in document.images or not document.images:
        return ""
    if any(edit.variant == variant and edit.image == "shared" for edit in document.minimal):
        return ""
    reason = document.missing.get(variant, "").removeprefix("image.")
    reason = re.sub(r"_(low|high)$", r" too \1", reason)
    return reason.replace("_", " ") or "it was not drawn"


def _marks(edit: MinimalEntry) -> tuple[Mark, ...]:
    spans = zip(edit.caption_spans, edit.replacements, strict=True)
    return tuple(
        Mark(start, end, strong=piece.role is Role.EDIT)
        for (start, end), piece in spans
        if end > start
    )
