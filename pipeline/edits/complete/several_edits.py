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
from itertools import chain, combinations, product
from typing import TYPE_CHECKING, Final

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.complete.combine import combine, noun_after
from pipeline.edits.complete.settings import setting_groups
from pipeline.edits.complete.write_pieces import write_pieces
from pipeline.edits.lexicon.apart import load_apart
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.parse.word_pairs import (
    name_of_quality,
    names_by_token,
    names_of_noun,
    names_of_verb,
)

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
before them all comes another setting: so they are named, and of many places those are combined.
Where a thing is depends on which thing it is, so relations stay."""

SAME_SCENE: Final = frozenset(
    {"technique", "viewpoint", "listed", "background_foreground", "events", "seasons"}
)
"""Subkinds that change how a scene is shown, or one thing of many in it."""

ONE: Final = "one "
"""Captions say "a dog", and minimal edits of a number bring "one dog" along as a wording of their
own: here nothing of theirs would ever lose the word."""

FEWEST_EDITS: Final = 2
MOST_PLACES: Final = 5
"""Places of a caption that are combined; more would only cost time."""

MOST_AT_A_PLACE: Final = {2: 4, 3: 2}
"""How many are made together → edits of one place that are tried, those first whose words captions
hold oftener."""

HELD: Final = 0.7
SOUGHT: Final = 0.7
"""Parts of the odds that are held against edits made together, and by which a choice is sought
less; found by the trained probe: single edits compete for their places with others of their kind,
and those of a caption do not."""

RAREST: Final = -2.0
"""Odds below which edits made together are sought no more than others."""

MORE_EDITS: Final = 1.5
"""How much a third edit favours a choice."""

MOST_TRIED: Final = 40


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
) -> list[FullCaption]:
    """Up to `wanted` captions, each by two or three edits of different things.

    Balance is held by what comes of them all: what comes oftener than its reverse is sought
    less, and made as much seldomer, so that a frequent word may come in where another goes.

    Args:
        anchor_id: Decides the draw.
        doc: The caption in its plain letters.
        parsed: What it says.
        proposals: What the rules offer for it.
        judge: What is asked of each of them.
        wanted: Captions at most.
        run_seed: Seed of the draw.
    """
    places: dict[tuple[int, int], list[Proposal]] = defaultdict(list)
    for one in proposals:
        if one.wording is not None or one.kind not in RANKS or one.subkind in SAME_SCENE:
            continue
        if not (one.kind is EditKind.COUNT and one.new.startswith(ONE)):
            places[_place(one)].append(one)
    # Before any is applied and checked, which costs far more.
    if len(places) < FEWEST_EDITS:
        return []
    asked = _Asked(parsed, judge)
    captions: dict[str, FullCaption] = {}
    for number in range(wanted):
        # Not for secrets: a reproducible draw.
        draw = random.Random(derive_seed(run_seed, anchor_id, f"{RULE} {number}"))  # noqa: S311
        for chosen in _choices(places, asked, draw):
            if not asked.go_together(chosen) or not all(map(asked.is_sound, chosen)):
                continue
            pieces = [piece for proposal in chosen for piece in proposal.pieces]
            caption = write_pieces(doc, pieces, "")
            if caption in captions:
                continue
            respects = tuple(dict.fromkeys(map(_respect, sorted(chosen, key=_rank))))
            captions[caption] = FullCaption(caption, "rules", RULE, respects)
            break
    return list(captions.values())


class _Asked:
    """Remembers what was said of a caption's edits."""

    def __init__(self, parsed: ParsedCaption, judge: Judge) -> None:
        self._parsed = parsed
        self.judge = judge
        self._odds: dict[int, float] = {}
        self._sound: dict[int, bool] = {}
        self._names = names_by_token(parsed)

    def go_together(self, chosen: Sequence[Proposal]) -> bool:
        """Whether edits suit each other, and what they put in suits the rest of the caption."""
        if len(combine(self._parsed, chosen, frozenset(), len(chosen))) < len(chosen):
            return False
        gone = {t for one in chosen for piece in one.pieces for t in range(piece.start, piece.end)}
        kept = [names for token, names in self._names.items() if token not in gone]
        new = [self._names_put_in(one) for one in chosen]
        pairs = chain(product(new, kept), combinations(new, 2))
        return not any(load_apart().keeps_apart(*pair) for pair in pairs)

    def _names_put_in(self, proposal: Proposal) -> tuple[str, ...]:
        """The nouns, verbs and qualities that an edit brings."""
        noun = noun_after(proposal)
        if noun is not None:
            return names_of_noun(noun)
        if proposal.kind is EditKind.ATTRIBUTE:
            return name_of_quality(proposal.new)
        if proposal.kind is not EditKind.ACTION:
            return ()
        tag = self._parsed.tags[proposal.pieces[0].start]
        return names_of_verb(verb_lemma(proposal.new.split()[0], tag))

    def odds(self, chosen: Sequence[Proposal]) -> float:
        """How much oftener edits are made together than their reverses, as a logarithm."""
        return sum(map(self._odds_of, chosen))

    def _odds_of(self, proposal: Proposal) -> float:
        if id(proposal) not in self._odds:
            odds = self.judge.odds(proposal)
            self._odds[id(proposal)] = math.inf if odds is None else odds
        return self._odds[id(proposal)]

    def is_sound(self, proposal: Proposal) -> bool:
        """Whether an edit passes every check."""
        if id(proposal) not in self._sound:
            self._sound[id(proposal)] = self.judge.is_sound(proposal)
        return self._sound[id(proposal)]


def _choices(
    places: Mapping[tuple[int, int], list[Proposal]], asked: _Asked, draw: random.Random
) -> Iterator[tuple[Proposal, ...]]:
    """Edits to make together in a random order, the seldomer the oftener they come."""
    groups = sorted((asked.judge.drawn(group, draw) for group in places.values()), key=_first_rank)
    ranked: list[tuple[float, float, tuple[Proposal, ...]]] = []
    for number, most in MOST_AT_A_PLACE.items():
        for some in combinations(groups[:MOST_PLACES], number):
            for chosen in product(*(group[:most] for group in some)):
                odds = asked.odds(chosen)
                if odds < math.inf:
                    weight = math.exp(-SOUGHT * max(odds, RAREST))
                    weight *= MORE_EDITS ** (number - FEWEST_EDITS)
                    # The heaviest tend to come first (Efraimidis and Spirakis, 2006).
                    ranked.append((math.log(draw.random()) / weight, odds, chosen))
    ranked.sort(key=lambda one: -one[0])
    for _, odds, chosen in ranked[:MOST_TRIED]:
        if draw.random() < math.exp(-HELD * max(0.0, odds)):
            yield chosen


def _first_rank(group: Sequence[Proposal]) -> int:
    return _rank(group[0])


def _rank(proposal: Proposal) -> int:
    return 0 if _is_elsewhere(proposal) else RANKS[proposal.kind]


def _place(proposal: Proposal) -> tuple[int, int]:
    """The words of the caption that it replaces first."""
    return proposal.pieces[0].start, proposal.pieces[0].end


def _respect(proposal: Proposal) -> str:
    """In what an edit contradicts the caption."""
    return "setting" if _is_elsewhere(proposal) else str(proposal.kind)


def _is_elsewhere(proposal: Proposal) -> bool:
    return proposal.subkind in setting_groups()
