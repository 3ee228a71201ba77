"""From a run directory to `report/index.html`.

The report is a view of the run and no part of it: no manifest lists it, `verify` does not look
at it, and it can be made again or removed at any time. It alone, of all that lies in a run
directory, differs between equal runs, because it says how long the run took.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.config.scores import Band
from pipeline.core.records import EditKind
from pipeline.report import run_facts
from pipeline.report.gallery import MOST_SHARDS, gather_gallery
from pipeline.report.gallery_model import Gallery
from pipeline.report.histogram import FEWEST
from pipeline.report.ledger import (
    Ledger,
    add_all,
    answer_funnels,
    caption_funnel,
    kind_yields,
    row_funnel,
    spending,
)
from pipeline.report.model import Figure, RunReport
from pipeline.report.page import write_page
from pipeline.report.run_facts import RunFacts, read_run_facts
from pipeline.shards.atomic import atomic_file
from pipeline.shards.counts import ShardCounts, Tally
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import ShardReceipt, read_receipt
from pipeline.shards.run_json import FINGERPRINT_KEY
from pipeline.shards.timings import read_efforts, timings_file

MOST_SETS: Final = 300
"""Sets on a page unless more or fewer are asked for; about ten megabytes with pictures."""


def report_file(layout: RunLayout) -> Path:
    """Where a run's report goes."""
    return layout.root / "report" / "index.html"


def write_report(
    layout: RunLayout, *, output: Path | None = None, most_sets: int = MOST_SETS
) -> tuple[Path, RunReport]:
    """Write the report of a run, or of what is finished of it; complete or not at all.

    Args:
        layout: The run directory; only read, but for the report itself.
        output: Another place for the page.
        most_sets: Sets in the gallery.

    Returns:
        The page, and what it says.

    Raises:
        ConfigError: It is no run directory.
        ShardCorruptError: A shard is damaged.
        PermanentError: The disk is full or refuses.
    """
    report = gather_report(layout, most_sets=most_sets)
    target = output or report_file(layout)
    with atomic_file(target) as file:
        write_page(report, file)
    return target, report


def gather_report(layout: RunLayout, *, most_sets: int = MOST_SETS) -> RunReport:
    """Read everything that the report of a run says.

    Memory grows with `most_sets` and not with the run.

    Raises:
        ConfigError: It is no run directory.
        ShardCorruptError: A shard is damaged.
    """
    record = read_run_facts(layout)
    receipts = _receipts(layout)
    tally = Tally()
    for receipt in receipts:
        tally.add_counts(receipt.counts)
    counts = tally.counts()
    ledger = Ledger(record)
    add_all(ledger, layout, [receipt.shard_id for receipt in receipts])
    drawn = record.has_pictures
    yields = kind_yields(counts, ledger, record, map(str, EditKind))
    efforts = read_efforts(layout, receipts, on_gpu=record.draws_on_gpu)
    gallery = gather_gallery(layout, receipts, most_sets=most_sets)
    charts = ledger.charts()
    return RunReport(
        name=layout.root.resolve().name,
        fingerprint=str(record.tree.get(FINGERPRINT_KEY, "")),
        summary=_summary(record, counts),
        facts=run_facts.facts(record),
        settings=run_facts.settings(record),
        versions=run_facts.versions(record),
        shards=len(receipts),
        shards_planned=_planned(layout, len(receipts)),
        has_pictures=drawn,
        figures=_figures(counts, ledger, record),
        funnels=(
            row_funnel(counts, ledger, has_pictures=drawn),
            caption_funnel(yields, ledger, has_pictures=drawn),
            *answer_funnels(counts),
        ),
        yields=yields,
        spending=spending(counts, record),
        efforts=efforts,
        charts=charts,
        bands=_bands(record, gallery),
        gallery=gallery,
        notes=_notes(
            layout,
            record,
            receipts,
            has_scores=ledger.has_scores,
            has_charts=bool(charts),
            has_times=bool(efforts),
        ),
    )


def _receipts(layout: RunLayout) -> list[ShardReceipt]:
    """The finished shards, in order."""
    numbers = sorted(int(p.stem) for p in layout.shards_dir.glob("*.json") if p.stem.isdigit())
    found = (read_receipt(layout, number) for number in numbers)
    return [receipt for receipt in found if receipt is not None]


def _planned(layout: RunLayout, finished: int) -> int:
    """Shards that the source was cut into; those that are there where that is not known."""
    try:
        entries = json.loads(layout.partition_json.read_bytes())
    except (OSError, ValueError):
        return finished
    return len(entries) if isinstance(entries, list) else finished


def _in_sets(counts: ShardCounts) -> int:
    """Counterfactual captions that are in the shards."""
    return sum(kind.made for kind in counts.edits.values()) + counts.full.made


def _summary(record: RunFacts, counts: ShardCounts) -> str:
    edits = _in_sets(counts) - counts.full.made
    full = counts.full.made
    made = _counted(edits, "minimal edit")
    made += f", {_counted(full, 'complete counterfactual')}" if full else ""
    pictures = f" and {_counted(counts.images, 'picture')}" if record.has_pictures else ""
    return (
        f"{_counted(counts.rows, 'row')} of {record.text('source.input')} became "
        f"{_counted(counts.samples, 'set')} with {made}{pictures}."
    )


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def _figures(counts: ShardCounts, ledger: Ledger, record: RunFacts) -> tuple[Figure, ...]:
    """The large numbers: they count what is in the shards, as the summary above them does."""
    captions = _in_sets(counts)
    share = f"{counts.samples / counts.rows:.0%} of the rows" if counts.rows else "no rows"
    per_set = f"{captions / max(1, counts.samples):.1f} for each set"
    found = [
        Figure("sets", f"{counts.samples:,}", share),
        Figure("counterfactual captions", f"{captions:,}", per_set),
    ]
    if record.has_pictures:
        pictures = sum(kind.pictures for kind in ledger.kinds.values())
        refused = ledger.controls_refused.total()
        refused += sum(kind.pictures_refused.total() for kind in ledger.kinds.values())
        share = f"{pictures / captions:.0%} of those captions have one" if captions else ""
        judged = "by scores and bands" if record.band_table else "no bands were set"
        found.append(Figure("counterfactual pictures", f"{pictures:,}", share))
        found.append(Figure("pictures refused", f"{refused:,}", judged))
    else:
        refused = sum(kind.refused.total() for kind in ledger.kinds.values())
        found.append(Figure("captions refused", f"{refused:,}", "by the checks on text"))
    return tuple(found)


def _bands(record: RunFacts, gallery: Gallery) -> dict[str, dict[str, Band]]:
    """The bands of every group of cards that is shown."""
    groups = {
        (card.group, card.subkind.replace(" ", "_")) for one in gallery.sets for card in one.cards
    }
    found = {
        f"{group}.{subkind}" if subkind else group: record.bands(group, subkind)
        for group, subkind in sorted(groups)
    }
    return {name: bands for name, bands in found.items() if bands}


def _notes(
    layout: RunLayout,
    record: RunFacts,
    receipts: Sequence[ShardReceipt],
    *,
    has_scores: bool,
    has_charts: bool,
    has_times: bool,
) -> tuple[str, ...]:
    """What is left out, and why."""
    notes = []
    planned = _planned(layout, len(receipts))
    if len(receipts) < planned or not layout.manifest_json.exists():
        notes.append(
            f"The run is not finished: this is what {len(receipts):,} of {planned:,} shards hold."
        )
    if record.has_pictures and not has_scores:
        notes.append("No scores are on record, so there are no histograms.")
    elif record.has_pictures and not has_charts:
        notes.append(f"No kind has {FEWEST} measured pictures, so there are no histograms.")
    if not has_times:
        notes.append(
            f"No times: there is no {timings_file(layout).name} beside the run that belongs to it."
        )
    if record.has_pictures and record.text("images.keep_candidates") != "True":
        notes.append(
            "Refused pictures were not stored (images.keep_candidates is off), so their cards "
            "show the caption, the scores and the reason."
        )
    if len(receipts) > MOST_SHARDS:
        notes.append(f"The gallery looks into {MOST_SHARDS} of {len(receipts):,} shards.")
    return tuple(notes)
