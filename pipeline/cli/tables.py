"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.shards.counts import most_first

if TYPE_CHECKING:
    from pipeline.adapters.llm.budget import Spend
    from pipeline.config.run import RunConfig
    from pipeline.runs.rank import Rank
    from pipeline.shards.counts import ShardCounts
    from pipeline.tools.doctor import Finding
    from pipeline.tools.estimate import Estimate
    from pipeline.tools.inspect_run import Inspection
    from pipeline.tools.mine_causal import MinedSource


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    return table


def print_run(console: Console, root: Path, counts: ShardCounts, *, resumed: int) -> None:
    """Say what a run made, what it refused and what to look at next."""
    console.print(_kinds(counts))
    if counts.rejected:
        rejects = _table("rows rejected", "rows", "share")
        for reason, number in sorted(counts.rejected.items(), key=lambda pair: -pair[1]):
            rejects.add_row(escape(reason), f"{number:,}", f"{number / counts.rows:.1%}")
        console.print()
        console.print(rejects)
    before = f" ({resumed} shards were there before)" if resumed else ""
    console.print(
        f"\n{counts.rows:,} rows → {counts.samples:,} sets, {counts.images:,} images "
        f"in {escape(str(root))}{before}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"look at it:  counterfactory inspect {escape(str(root))}\n"
        f"check it:    counterfactory verify {escape(str(root))}",
        highlight=False,
        soft_wrap=True,
    )


def _kinds(counts: ShardCounts) -> Table:
    """Captions, and pictures where some were drawn, by kind: what is in sets, what was refused."""
    captions = {**counts.edits, "full": counts.full}
    if not counts.pictures:
        table = _table("kind", "captions", "refused")
        for kind, both in captions.items():
            table.add_row(escape(kind), f"{both.made:,}", f"{both.refused:,}")
        return table
    table = _table("kind", "captions", "refused", "pictures", "refused")
    for kind in [*captions, *(k for k in counts.pictures if k not in captions)]:
        words, drawn = captions.get(kind), counts.pictures.get(kind)
        table.add_row(
            escape(kind),
            *((f"{words.made:,}", f"{words.refused:,}") if words else ("", "")),
            *((f"{drawn.made:,}", f"{drawn.refused:,}") if drawn else ("0", "0")),
        )
    return table


def print_share(console: Console, root: Path, rank: Rank) -> None:
    """Say that this process is done and others are not, or stopped before they were."""
    console.print(
        f"process {rank.rank} of {rank.world_size}: its shards in {escape(str(root))} are "
        "finished; the last process finishes the run, or the same command again",
        highlight=False,
        soft_wrap=True,
    )


def print_spend(console: Console, spend: Spend) -> None:
    """Say what was asked of the language model this time, by prompt, and what it cost.

    The row of the prompt `repair` counts what was asked once more.
    """
    table = _table(
        "language model", "asked", "remembered", "read", "useless", "tokens in", "out", "USD"
    )
    rows = [(prompt.partition("+")[0], usage) for (_, prompt), usage in spend.by_prompt().items()]
    for name, usage in [*rows, ("total", spend.total)]:
        table.add_row(
            escape(name),
            f"{usage.requests:,}",
            f"{usage.cached:,}",
            f"{usage.requests - usage.failures:,}",
            f"{usage.failures:,}",
            f"{usage.tokens_in:,}",
            f"{usage.tokens_out:,}",
            f"{usage.usd:,.4f}",
        )
    console.print()
    console.print(table)


def print_answers(console: Console, counts: ShardCounts) -> None:
    """Say what became of what a language model was asked, over all starts of the run."""
    said = counts.answers
    table = _table("language model", "captions", "share")
    rows = [
        ("asked about", said.asked),
        ("read at once", said.read),
        ("read when asked again", said.repaired),
        *((f"lost: {reason}", number) for reason, number in most_first(said.lost)),
    ]
    for name, number in rows:
        share = f"{number / said.asked:.1%}" if said.asked else ""
        table.add_row(escape(name), f"{number:,}", share)
    console.print()
    console.print(table)
    wrote = _table("it wrote", "counterfactuals")
    wrote.add_row("kept", f"{said.kept:,}")
    for reason, number in most_first(said.refused):
        wrote.add_row(escape(f"refused: {reason}"), f"{number:,}")
    console.print()
    console.print(wrote)


def print_refused(console: Console, counts: ShardCounts) -> None:
    """Say why captions were refused, the commonest reasons first."""
    found = {reason: n for reason, n in counts.refused.items() if reason.startswith(CAPTION_AREAS)}
    if not found:
        return
    table = _table("captions refused", "captions")
    for reason, number in most_first(found):
        table.add_row(escape(reason), f"{number:,}")
    console.print()
    console.print(table)


CAPTION_AREAS = ("llm.", "text.")
"""What the reasons of refused captions begin with."""


def print_estimate(console: Console, config: RunConfig, estimate: Estimate) -> None:
    """Say what a run would make and need."""
    table = _table("", "")
    images = config.images
    table.add_row("source rows", f"{estimate.rows:,}")
    table.add_row("shards", f"{estimate.shards:,}")
    table.add_row("sets expected", f"{estimate.anchors:,}")
    table.add_row("minimal edits expected", f"{estimate.minimal:,}")
    table.add_row("complete counterfactuals expected", f"{estimate.full:,}")
    table.add_row("images to draw", f"{estimate.images:,}")
    table.add_row("LLM tokens in / out", f"{estimate.tokens_in:,} / {estimate.tokens_out:,}")
    if requests := estimate.llm_requests:
        each = f"{estimate.tokens_in / requests:,.0f} / {estimate.tokens_out / requests:,.0f}"
        table.add_row("LLM requests", f"{requests:,}, tokens of one in / out {each}")
    table.add_row("LLM cost", _usd(config, estimate))
    table.add_row("CPU-hours for captions", f"{estimate.cpu_hours:,.3g}")
    table.add_row("GPU-hours", f"{estimate.gpu_hours:,.1f}")
    table.add_row("disk", _size(estimate.disk_bytes))
    console.print(table)
    _print_kinds(console, estimate)
    console.print(
        f"\nExpectations come from editing {estimate.sampled} rows by the rules alone, CPU-hours "
        "from the time that took here, disk from writing them as a run does.",
        highlight=False,
        soft_wrap=True,
    )
    if estimate.images and estimate.picture_s is not None:
        console.print(
            f"GPU-hours: {estimate.picture_s:.2f} s a kept picture, as measured in this run "
            "directory so far.",
            highlight=False,
            soft_wrap=True,
        )
    elif estimate.images:
        console.print(
            f"GPU-hours: SDXL at {images.width_px}x{images.height_px}, {images.steps} steps, "
            f"guidance {images.guidance_scale}, on one GPU that sustains "
            f"{estimate.gpu_tflops:g} TFLOP/s (--gpu-tflops).",
            highlight=False,
            soft_wrap=True,
        )
    if estimate.rejects:
        rejects = _table("refused in the sample", "of rows")
        for reason, share in estimate.rejects.items():
            rejects.add_row(escape(reason), f"{share:.1%}")
        console.print()
        console.print(rejects)


def _print_kinds(console: Console, estimate: Estimate) -> None:
    """Say what is expected of each kind, and what the language model costs for it."""
    asks = bool(estimate.tokens_in)
    kinds = _table("kind", "expected", *(("tokens in", "out", "USD") if asks else ()))
    for kind, one in estimate.kinds.items():
        usd = "unknown" if one.usd is None else f"{one.usd:,.4f}"
        cost = (f"{one.tokens_in:,}", f"{one.tokens_out:,}", usd) if asks else ()
        kinds.add_row(escape(kind), f"{one.captions:,}", *cost)
    console.print()
    console.print(kinds)


def _usd(config: RunConfig, estimate: Estimate) -> str:
    if estimate.usd is None:
        return f"unknown: give llm.prices for {config.llm.model}"
    return f"${estimate.usd:,.2f}"


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.3g} TB"


def print_inspection(console: Console, found: Inspection) -> None:
    """Say what is in a run or a shard."""
    table = _table("kind", "count")
    for kind, number in found.kinds.items():
        table.add_row(escape(kind), f"{number:,}")
    table.add_row("full", f"{found.full:,}")
    console.print(table)
    if found.tokens:
        spent = _table("language model, for", "tokens in", "out", "USD")
        for label, used in found.tokens.items():
            usd = "unknown" if used.usd is None else f"{used.usd:,.4f}"
            spent.add_row(escape(label), f"{used.tokens_in:,}", f"{used.tokens_out:,}", usd)
        console.print()
        console.print(spent)
    if not found.complete:
        console.print("this run is not finished: only its finished shards are counted")
    who = ", ".join(f"{escape(name)} {number:,}" for name, number in found.proposers.items())
    console.print(
        f"\n{found.samples:,} sets, {found.images:,} images; captions by {who or 'nobody'}",
        highlight=False,
        soft_wrap=True,
    )
    if found.sheet is None:
        console.print("no sets to draw a contact sheet of", highlight=False)
    else:
        console.print(
            f"wrote a contact sheet of {found.sheet_rows} sets: "
            f"{escape(str(found.sheet))} (--sheet names another place)",
            highlight=False,
            soft_wrap=True,
        )


ORDER = {"effect_first": "effect … cause", "cause_first": "cause … effect"}


def print_mined(console: Console, found: MinedSource) -> None:
    """Say how often each connective joins a cause and an effect, with examples."""
    summary = found.summary
    table = _table("connective", "direction", "mentions")
    for count in summary.connectives:
        table.add_row(escape(count.connective), ORDER[count.direction], f"{count.mentions:,}")
    if summary.connectives:
        console.print(table)
    for count in summary.connectives:
        console.print(f"\n[bold]{escape(count.connective)}[/]", highlight=False)
        for example in count.examples:
            console.print(
                f"  cause:  {escape(example.cause)}\n  effect: {escape(example.effect)}\n"
                f"  [dim]{escape(example.origin)}: {escape(example.caption)}[/]\n",
                highlight=False,
                soft_wrap=True,
            )
    share = summary.captions_with / summary.captions if summary.captions else 0.0
    console.print(
        f"{summary.mentions:,} statements of cause and effect in {summary.captions_with:,} of "
        f"{summary.captions:,} captions ({share:.2%}); {found.rejected:,} of {found.rows:,} rows "
        "held no usable caption",
        highlight=False,
        soft_wrap=True,
    )


COLOURS = {"ok": "green", "note": "yellow", "fault": "red"}


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """List what `doctor` found."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        colour = COLOURS[finding.state]
        table.add_row(f"[{colour}]{finding.state}[/]", finding.what, escape(finding.detail))
    console.print(table)
