"""The table that says how much oftener an edit would be made than its reverse.

Detailed balance (Metropolis et al., 1953): an edit whose reverse is rarer is accepted as seldom
as makes both come equally often. How often either comes was counted on captions, and is
modelled by the words, word pairs and lengths that the edit changes, so that it is known for
edits that were never seen. See :mod:`pipeline.edits.balance.fit` for how a table is made.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from pipeline.config.edits import EditsConfig
from pipeline.core.errors import ConfigError
from pipeline.core.ids import derive_seed, fingerprint
from pipeline.core.records import CaptionEdit, EditKind
from pipeline.edits.balance.features import features_of

FORMAT: Final = "counterfactory-balance-1"
BUILTIN: Final = "builtin:"
AUTO: Final = "auto"
PACKAGED: Final = "builtin:web"
"""Counted on the first 9,000 captions of the validation split of Conceptual Captions, by
`counterfactory run --input cc3m_val.tsv --limit 9000`, whose balance.json it is."""

WITHOUT_REVERSE: Final = frozenset({EditKind.SWAP, EditKind.CAUSAL_ORDER})
"""Kinds that are not balanced: a swap has the same words on both sides, and no caption states an
effect as the cause of its own cause."""


@dataclass(frozen=True, slots=True)
class BalanceTable:
    """What was counted on captions of one source.

    Attributes:
        format: Name and version of the file's format.
        captions: How many captions were counted.
        frequency: Kind → decisive words → how often 10,000 captions hold them where they can
            be edited. A draw among new words follows it.
        log_odds: Kind → feature → how much it adds to the logarithm of how much oftener an
            edit is made than its reverse.
    """

    format: str = FORMAT
    captions: int = 0
    frequency: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    log_odds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Name of the content."""
        return fingerprint([self.format, self.captions, self.frequency, self.log_odds])

    def weight(self, edit: CaptionEdit) -> float:
        """Share of such edits, in (0, 1], that leaves as many as there are of the reverse."""
        known = self.log_odds.get(edit.kind)
        if not known or edit.kind in WITHOUT_REVERSE:
            return 1.0
        odds = sum(known.get(name, 0.0) * count for name, count in features_of(edit).items())
        return math.exp(-odds) if odds > 0 else 1.0

    def accepts(self, edit: CaptionEdit, run_seed: int, anchor_id: str) -> bool:
        """Whether an edit is among that share, drawn by hash: the same whoever asks."""
        return self.accepts_at(self.weight(edit), edit, run_seed, anchor_id)

    def accepts_at(self, weight: float, edit: CaptionEdit, run_seed: int, anchor_id: str) -> bool:
        """As :meth:`accepts`, where the weight of the edit is known."""
        if weight >= 1:
            return True
        name = f"balance {edit.kind} {edit.factual}\n{edit.caption}"
        return derive_seed(run_seed, anchor_id, name) < weight * 2**63

    def to_json(self) -> str:
        """The file: sorted and a line each, so that two tables can be compared."""
        table = {
            "format": self.format,
            "captions": self.captions,
            "frequency": self.frequency,
            "log_odds": self.log_odds,
        }
        return json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def load_balance(name: str) -> BalanceTable:
    """Read a table: a packaged one, once, or a file that a run wrote.

    Args:
        name: As `edits.balance_table` has it; `auto` is the packaged one here.

    Raises:
        ConfigError: There is none of that name, or it is no such table.
    """
    if name == AUTO:
        return load_balance(PACKAGED)
    if name.startswith(BUILTIN):
        return _packaged(name)
    path = Path(name)
    try:
        return _parse(name, path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"edits.balance_table={name} cannot be read ({error}); name the balance.json of a run, "
            f"or {PACKAGED}"
        ) from error


def table_of(config: EditsConfig) -> BalanceTable:
    """The table that a config names; an empty one for a vocabulary, whose world is its own."""
    if config.vocabulary is not None and config.balance_table == AUTO:
        return BalanceTable()
    return load_balance(config.balance_table)


@cache
def _packaged(name: str) -> BalanceTable:
    source = files("pipeline.edits.balance") / f"{name.removeprefix(BUILTIN)}.json"
    if not source.is_file():
        raise ConfigError(f"edits.balance_table={name} is not packaged; {PACKAGED} is")
    return _parse(name, source.read_text("utf-8"))


def _parse(name: str, text: str) -> BalanceTable:
    try:
        table = TypeAdapter(BalanceTable).validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise ConfigError(
            f"{name} is no balance table: {where}: {fault['msg']}; name the balance.json of a "
            "run; one that was damaged is made anew when it is deleted"
        ) from error
    if table.format != FORMAT:
        raise ConfigError(
            f"{name} has the format {table.format!r}, not {FORMAT!r}: another version wrote it"
        )
    return table
