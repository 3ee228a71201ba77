"""What the balance of edits goes by in a run: counted on its own input, once."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from pipeline.config.run import RunConfig
from pipeline.core.progress import Observer, Stopped
from pipeline.core.records import Anchor
from pipeline.runs.opening import open_edit_stage
from pipeline.runs.partition import read_partition
from pipeline.shards.layout import RunLayout
from pipeline.sources import open_source

if TYPE_CHECKING:
    from pipeline.edits.balance.table import BalanceTable

LEAST_CAPTIONS: Final = 2000
"""Captions from which on an input's own counts say more than the packaged ones."""

BATCH: Final = 250


def run_balance(config: RunConfig, layout: RunLayout, observer: Observer) -> BalanceTable | None:
    """The table of a run; None where that is the one that the config names.

    It is read from the run directory where it is there. Else the first captions of the input are
    counted: the same input, rules and settings give the same table, whoever counts.

    Args:
        config: With the kind of the source settled.
        layout: The run directory; nothing is written.
        observer: Asked whether to stop.

    Raises:
        ConfigError: The input or the spaCy pipeline is missing, or the stored table is damaged.
        Stopped: The user asked to stop.
    """
    from pipeline.edits.balance.table import AUTO, load_balance

    if config.edits.balance == "off" or config.edits.balance_table != AUTO:
        return None
    if config.edits.vocabulary is not None:
        # What few words draw is a world of its own, in which web captions tell nothing.
        return None
    if layout.balance_json.exists():
        return load_balance(str(layout.balance_json))
    if layout.partition_json.exists():
        # Already laid out: too few are too few again, without another look at them.
        rows = sum(span.rows for span in read_partition(layout))
        if rows < LEAST_CAPTIONS:
            return None
    return _counted(config, observer)


def _counted(config: RunConfig, observer: Observer) -> BalanceTable | None:
    """Count the first captions of the input; None where they are too few."""
    from pipeline.edits.balance.fit import fit_balance
    from pipeline.edits.balance.offers import collect_offers

    most = config.edits.balance_captions
    limit = min(most, config.source.limit or most)
    source = open_source(config.source.model_copy(update={"limit": limit}))
    rows = chain.from_iterable(source.read(span, images=False) for span in source.partition())
    anchors = [row for row in rows if isinstance(row, Anchor)]
    if len(anchors) < LEAST_CAPTIONS:
        return None
    rules_only = config.model_copy(
        update={"llm": config.llm.model_copy(update={"provider": "none"})}
    )
    stage = open_edit_stage(rules_only, {})
    offers = []
    waiting = iter(anchors)
    while batch := list(islice(waiting, BATCH)):
        if observer.stopping:
            raise Stopped("stopped; nothing was written")
        offers += collect_offers(batch, stage.parser, stage.propose, stage.make)
    blank = stage.parser.nlp.make_doc("")
    return fit_balance(offers, config.edits, blank, captions=len(anchors))
