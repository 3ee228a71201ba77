"""How a balance table is made: what the rules do to captions is counted, and then modelled.

The odds of an edit against its reverse are those of a logistic regression on its features: it
is fitted on what an unbalanced choice keeps, then on what the balanced choice keeps until that is
balanced, because edits of an anchor compete for their places. Which part of the commoner direction
is of captions without another edit is counted beside.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pipeline.config.edits import EditsConfig
from pipeline.core.records import CaptionEdit
from pipeline.edits.apply.choose import EditChooser
from pipeline.edits.apply.select import place_of
from pipeline.edits.balance.features import features_of
from pipeline.edits.balance.logistic import fit_directions
from pipeline.edits.balance.offers import Offer
from pipeline.edits.balance.table import WITHOUT_REVERSE, BalanceTable

if TYPE_CHECKING:
    from spacy.tokens import Doc

ROUNDS: Final = 6
ROUNDS_OF_SHARES: Final = 3
"""Rounds after which these parts stay what they are, so that the odds settle under them."""

SEEDS: Final = 3
"""Choices counted in each round: as many as make chance small."""

PENALTY: Final = 1.5
LEAST_ANCHORS: Final = 5
"""Anchors with a feature from which on it is modelled: a rarer one says more of its caption
than of the language, and the table would know the captions that it was made of by heart."""

SMALLEST: Final = 0.05
DIGITS: Final = 2
CAPTIONS: Final = 10_000
RAREST: Final = 3
"""Times that a word must have been found for its frequency to be kept."""


def fit_balance(
    offers: Sequence[Offer], config: EditsConfig, blank: Doc, *, captions: int
) -> BalanceTable:
    """Make the table of some captions; the same for the same offers.

    Args:
        offers: Of all anchors; those for which the rules have nothing do not count.
        config: How edits are chosen; its balance does not matter.
        blank: An empty doc.
        captions: How many captions they come from, those without an offer included.
    """
    select = config.model_copy(update={"balance": "select"})
    offers = [offer for offer in offers if offer.proposals]
    features = _common_features(offers)
    frequency = _frequency(offers, captions)
    table = _CountingTable(captions=captions, frequency=frequency, features=features)
    added: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for number in range(ROUNDS):
        kept: Counter[int] = Counter()
        alone: dict[str, list[bool]] = defaultdict(list)
        for seed in range(SEEDS):
            chooser = EditChooser(select, _never, run_seed=number * SEEDS + seed, balance=table)
            for offer in offers:
                is_alone = True
                for decision in chooser.choose(
                    offer.anchor_id, blank, offer.proposals, made=offer.made
                ):
                    edit = decision.edit
                    if edit is None or decision.outcome not in {"kept", "unbalanced"}:
                        continue
                    if table.weight(edit) < 1:
                        alone[edit.kind].append(is_alone)
                    if decision.outcome == "kept":
                        is_alone = False
                        kept[id(edit)] += 1
        for kind, found in features.items():
            known = [one for one in found if one in kept] if kind not in WITHOUT_REVERSE else []
            weights = fit_directions(
                [found[one] for one in known], [kept[one] / SEEDS for one in known], penalty=PENALTY
            )
            for name, weight in weights.items():
                added[kind][name] += weight
        table = _CountingTable(
            captions=captions,
            frequency=frequency,
            log_odds=_rounded(added),
            alone=_shares(alone) if number < ROUNDS_OF_SHARES else table.alone,
            features=features,
        )
    return BalanceTable(
        captions=captions, frequency=frequency, log_odds=table.log_odds, alone=table.alone
    )


Features = Mapping[str, Mapping[int, Mapping[str, float]]]
"""Kind → edit, by its `id` → its features."""


@dataclass(frozen=True, slots=True)
class _CountingTable(BalanceTable):
    """A table for edits whose features are known, and whose weights are worked out once."""

    features: Features = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)

    def weight(self, edit: CaptionEdit) -> float:
        """See :meth:`BalanceTable.weight`."""
        weight = self.weights.get(id(edit))
        if weight is None:
            known = self.log_odds.get(edit.kind, {})
            odds = sum(
                known.get(name, 0.0) * count
                for name, count in self.features[edit.kind][id(edit)].items()
            )
            weight = self.weights[id(edit)] = min(1.0, math.exp(-odds))
        return weight


def _shares(alone: Mapping[str, Sequence[bool]]) -> Mapping[str, float]:
    """How often what was asked of each kind was yes, and a little where it never was."""
    return {
        str(kind): max(SMALLEST, round(sum(answers) / len(answers), DIGITS))
        for kind, answers in sorted(alone.items())
    }


def _common_features(offers: Sequence[Offer]) -> Features:
    """The features of every sound edit that enough anchors have."""
    anchors: dict[str, Counter[str]] = defaultdict(Counter)
    found: dict[str, dict[int, Mapping[str, float]]] = defaultdict(dict)
    for offer in offers:
        seen: dict[str, set[str]] = defaultdict(set)
        for edit, fault in offer.made.values():
            if edit is not None and fault is None:
                features = found[str(edit.kind)][id(edit)] = features_of(edit)
                seen[str(edit.kind)].update(features)
        for kind, names in seen.items():
            anchors[kind].update(names)
    return {
        kind: {
            one: {k: v for k, v in features.items() if anchors[kind][k] >= LEAST_ANCHORS}
            for one, features in edits.items()
        }
        for kind, edits in found.items()
    }


def _frequency(offers: Sequence[Offer], captions: int) -> Mapping[str, Mapping[str, float]]:
    """How often 10,000 captions hold decisive words where they can be edited."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for offer in offers:
        places = {
            (place_of(proposal), proposal.old.lower())
            for proposal in offer.proposals
            if (made := offer.made[id(proposal)])[0] is not None and made[1] is None
        }
        for (kind, _, _), old in places:
            counts[str(kind)][old] += 1
    return {
        kind: {
            word: round(number * CAPTIONS / max(1, captions), 1)
            for word, number in sorted(found.items())
            if number >= RAREST
        }
        for kind, found in sorted(counts.items())
    }


def _rounded(added: Mapping[str, Mapping[str, float]]) -> Mapping[str, Mapping[str, float]]:
    """The coefficients as the file holds them."""
    return {
        kind: {
            name: round(weight, DIGITS)
            for name, weight in sorted(weights.items())
            if abs(weight) >= SMALLEST
        }
        for kind, weights in sorted(added.items())
    }


def _never(text: str) -> Doc:
    raise AssertionError(f"every offer is checked already, yet {text!r} is to be parsed")
