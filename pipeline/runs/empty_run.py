"""A finished run that holds no set: an error that says why, in the command and in the flow."""

from __future__ import annotations

from pipeline.core.errors import PermanentError
from pipeline.shards.columns import read_columns
from pipeline.shards.counts import ShardCounts
from pipeline.shards.layout import RunLayout


def refuse_empty_run(layout: RunLayout, counts: ShardCounts) -> None:
    """Let no run pass for a success that made nothing.

    Raises:
        PermanentError: It holds no set; the message has the reasons and the first refused row.
    """
    if not counts.samples:
        raise PermanentError(_why_empty(layout, counts))


def _why_empty(layout: RunLayout, counts: ShardCounts) -> str:
    reasons = sorted(counts.rejected.items(), key=lambda pair: -pair[1])
    named = ", ".join(f"{reason} ({number:,})" for reason, number in reasons[:3])
    details = (
        str(detail)
        for path in sorted(layout.shards_dir.glob("*.parquet"))
        for (detail,) in read_columns(path, ("detail",))
        if detail
    )
    first = next(details, "")
    return (
        f"nothing was made of {counts.rows:,} rows in {layout.root}: {named or 'no row'}"
        + (f"; the first: {first}" if first else "")
        + (
            "; is --source the input's format, and source.caption_column its captions?"
            if reasons and reasons[0][0].startswith("source.")
            else ""
        )
    )
