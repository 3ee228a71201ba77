"""How a balance table is made: what the rules do to captions is counted, and then modelled.

The odds of an edit against its reverse are those of a logistic regression on its features: it
is fitted on what an unbalanced choice keeps, then once more on what the balanced choice keeps,
because edits of an anchor compete for their places.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
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

ROUNDS: Final = 2
SEEDS: Final = 6
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
    features = _common_features(offers)
    table = BalanceTable(captions=captions, frequency=_frequency(offers, captions))
    added: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for number in range(ROUNDS):
        kept: Counter[CaptionEdit] = Counter()
        for seed in range(SEEDS):
            chooser = EditChooser(select, _never, run_seed=number * SEEDS + seed, balance=table)
            for offer in offers:
                for decision in chooser.choose(
                    offer.anchor_id, blank, offer.proposals, made=offer.made
                ):
                    edit = decision.edit
                    if decision.outcome == "kept" and edit and edit.kind not in WITHOUT_REVERSE:
                        kept[edit] += 1
        by_kind: dict[str, list[CaptionEdit]] = defaultdict(list)
        for edit in kept:
            by_kind[edit.kind].append(edit)
        for kind, edits in by_kind.items():
            rows = [
                {k: v for k, v in features_of(edit).items() if k in features[kind]}
                for edit in edits
            ]
            counts = [kept[edit] / SEEDS for edit in edits]
            for name, weight in fit_directions(rows, counts, penalty=PENALTY).items():
                added[kind][name] += weight
        table = BalanceTable(captions=captions, frequency=table.frequency, log_odds=_rounded(added))
    return table


def _common_features(offers: Sequence[Offer]) -> Mapping[str, frozenset[str]]:
    """Kind → the features that enough anchors have."""
    anchors: dict[str, Counter[str]] = defaultdict(Counter)
    for offer in offers:
        seen: dict[str, set[str]] = defaultdict(set)
        for edit, fault in offer.made.values():
            if edit is not None and fault is None:
                seen[edit.kind].update(features_of(edit))
        for kind, names in seen.items():
            anchors[kind].update(names)
    return {
        kind: frozenset(name for name, number in counts.items() if number >= LEAST_ANCHORS)
        for kind, counts in anchors.items()
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
