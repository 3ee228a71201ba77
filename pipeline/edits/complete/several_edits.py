"""Complete counterfactuals made of the anchor's own caption, by several edits at once.

They keep the kind of scene and change what decides it: a man riding a horse on a beach becomes a
woman leading a horse in a forest.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.complete.combine import combine
from pipeline.edits.complete.place_phrases import RULE as OTHER_PLACE
from pipeline.edits.complete.place_phrases import SUBKIND, Exchange
from pipeline.edits.complete.settings import setting_groups
from pipeline.edits.complete.write_pieces import write_pieces
from pipeline.edits.parse.parsed_caption import ParsedCaption

if TYPE_CHECKING:
    from spacy.tokens import Doc

RULE: Final = "full.several_edits"

RANKS: Final = {
    EditKind.OBJECT: 1,
    EditKind.ACTION: 2,
    EditKind.ATTRIBUTE: 3,
    EditKind.COUNT: 4,
}
"""Kinds that can be changed together without losing the sentence, what decides a scene first;
before them all comes another setting. Where a thing is depends on which thing it is, so relations
stay."""

SAME_SCENE: Final = frozenset(
    {"technique", "viewpoint", "listed", "background_foreground", "events", "seasons"}
)
"""Subkinds that change how a scene is shown, or one thing of many in it."""

ONE: Final = "one "
"""Captions say "a dog", and minimal edits of a number bring "one dog" along as a wording of their
own: here nothing of theirs would ever lose the word."""

FEWEST_EDITS, MOST_EDITS = 2, 3
MOST_PLACES: Final = 6
"""Places of a caption that are combined; more would only cost time."""

HELD: Final = 0.8
"""Part of the odds that is held against edits made together, found by the trained probe: single
edits compete for their places with others of their kind, and those of a caption do not."""

MOST_AT_A_PLACE: Final = 6
"""Edits of one place that are tried, those first whose words captions hold oftener."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What is asked of single edits before they are combined.

    Attributes:
        drawn: Puts the edits of one place in the order in which they are tried.
        odds: How much oftener an edit is made than its reverse, as a logarithm; None where it
            cannot be applied.
        is_sound: Whether an edit passes every check; asked last, as it costs the most.
    """

    drawn: Callable[[Sequence[Proposal], random.Random], list[Proposal]]
    odds: Callable[[Proposal], float | None]
    is_sound: Callable[[Proposal], bool]


def compose_several(
    anchor_id: str,
    doc: Doc,
    parsed: ParsedCaption,
    proposals: Sequence[Proposal],
    judge: Judge,
    wanted: int,
    *,
    run_seed: int,
    exchanges: Sequence[Exchange] = (),
) -> list[FullCaption]:
    """Up to `wanted` captions, each by two or three edits of different things.

    Balance is held by what comes of them all: edits are made together as much seldomer as they
    come oftener than their reverses do, so that a frequent word may come in where another goes.

    Args:
        anchor_id: Decides the draw.
        doc: The caption in its plain letters.
        parsed: What it says.
        proposals: What the rules offer for it.
        judge: What is asked of each of them.
        wanted: Captions at most.
        run_seed: Seed of the draw.
        exchanges: Phrases of other captions that may stand in it.
    """
    phrases = {id(one.proposal): one for one in exchanges}
    places: dict[tuple[int, int], list[Proposal]] = defaultdict(list)
    for one in proposals:
        if one.wording is not None or one.kind not in RANKS or one.subkind in SAME_SCENE:
            continue
        if not (one.kind is EditKind.COUNT and one.new.startswith(ONE)):
            places[_place(one)].append(one)
    for exchange in exchanges:
        places[_place(exchange.proposal)].append(exchange.proposal)
    # Before any is applied and checked, which costs far more.
    if len(places) < FEWEST_EDITS:
        return []
    asked = _Asked(judge, phrases)
    captions: dict[str, FullCaption] = {}
    for number in range(wanted):
        # Not for secrets: a reproducible draw.
        draw = random.Random(derive_seed(run_seed, anchor_id, f"{RULE} {number}"))  # noqa: S311
        for chosen in _choices(places, judge, draw):
            if not asked.are_balanced(chosen, draw) or not asked.go_together(parsed, chosen):
                continue
            joined = combine(parsed, chosen, frozenset(), len(chosen))
            # Of a number and a thing of one phrase nobody knows how often they come together.
            if {*map(id, joined)} != {*map(id, chosen)} or not all(map(asked.is_sound, chosen)):
                continue
            pieces = [piece for proposal in joined for piece in proposal.pieces]
            caption = write_pieces(doc, pieces, "")
            if caption in captions:
                continue
            respects = tuple(dict.fromkeys(map(_respect, chosen)))
            rule = OTHER_PLACE if any(id(one) in phrases for one in chosen) else RULE
            captions[caption] = FullCaption(caption, "rules", rule, respects)
            break
    return list(captions.values())


class _Asked:
    """Remembers what the judge said of a caption's edits."""

    def __init__(self, judge: Judge, phrases: Mapping[int, Exchange]) -> None:
        self._judge = judge
        self._odds: dict[int, float] = dict.fromkeys(phrases, 0.0)
        self._sound: dict[int, bool] = dict.fromkeys(phrases, True)
        self._phrases = phrases

    def go_together(self, parsed: ParsedCaption, chosen: Sequence[Proposal]) -> bool:
        """Whether every phrase fits what the others make of the word that it stands behind."""
        return all(
            self._phrases[id(one)].fits(parsed, other)
            for one in chosen
            if id(one) in self._phrases
            for other in chosen
            if other is not one
        )

    def are_balanced(self, chosen: Sequence[Proposal], draw: random.Random) -> bool:
        """Whether edits made together are among the share that comes as often as the reverse."""
        return draw.random() < math.exp(-max(0.0, HELD * sum(map(self._odds_of, chosen))))

    def _odds_of(self, proposal: Proposal) -> float:
        if id(proposal) not in self._odds:
            odds = self._judge.odds(proposal)
            self._odds[id(proposal)] = math.inf if odds is None else odds
        return self._odds[id(proposal)]

    def is_sound(self, proposal: Proposal) -> bool:
        if id(proposal) not in self._sound:
            self._sound[id(proposal)] = self._judge.is_sound(proposal)
        return self._sound[id(proposal)]


def _choices(
    places: dict[tuple[int, int], list[Proposal]], judge: Judge, draw: random.Random
) -> Iterator[tuple[Proposal, ...]]:
    """Edits to make together, what decides the scene first, more respects before fewer."""
    groups = list(places.values())
    draw.shuffle(groups)
    drawn = [judge.drawn(group, draw)[:MOST_AT_A_PLACE] for group in groups]
    for turn in range(MOST_AT_A_PLACE):
        firsts = sorted((g[min(turn, len(g) - 1)] for g in drawn), key=_rank)[:MOST_PLACES]
        for number in range(MOST_EDITS, FEWEST_EDITS - 1, -1):
            sets = [
                chosen
                for chosen in combinations(firsts, number)
                if not turn or any(len(places[_place(one)]) > turn for one in chosen)
            ]
            yield from sorted(sets, key=lambda chosen: -len({_rank(one) for one in chosen}))


def _rank(proposal: Proposal) -> int:
    return 0 if _is_elsewhere(proposal) else RANKS[proposal.kind]


def _place(proposal: Proposal) -> tuple[int, int]:
    """The words of the caption that it replaces first."""
    return proposal.pieces[0].start, proposal.pieces[0].end


def _respect(proposal: Proposal) -> str:
    """In what an edit contradicts the caption."""
    return "setting" if _is_elsewhere(proposal) else str(proposal.kind)


def _is_elsewhere(proposal: Proposal) -> bool:
    return proposal.subkind == SUBKIND or proposal.subkind in setting_groups()
