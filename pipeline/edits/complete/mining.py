"""Which captions of a pool are the complete counterfactuals of which.

Two captions go together where they are about one kind of thing, in one kind of picture and
about as long, and contradict each other in two respects or more. They are chosen so that every
caption stands for another exactly as often as another stands for it, and no more than once: a
text that is true as often as it is false tells nothing about which it is.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.records import SourceCaption
from pipeline.edits.complete.contradiction import contradictions
from pipeline.edits.complete.scene_facts import PEOPLE, STAND_INS, SceneFacts
from pipeline.edits.lexicon.complete import load_complete

MOST_LENGTH_GAP = 3
MOST_ALIKE = 0.45
"""Highest likeness: above it the two say nearly the same."""

LEAST_ALIKE = 0.2
"""Lowest likeness: below it the one is a stranger to the other, whatever they share."""

LEAST_SCORE = 1.9
"""Lowest score: below it one is a stranger to the other."""

MOST_COMPARED = 240
"""Captions that one is compared with."""

SHARED_RESPECTS = 2
"""Respects in which two captions are alike where they are of one kind of scene."""

MOST_USES = 2
"""Captions that one may stand against, where nothing else is left for them."""

MOST_KEPT = 32
"""Partners that are kept for a caption, the best first."""


COMMON = 0.02
"""Share of a pool's captions from which on a word of theirs says nothing of the kind of scene."""

COMMON_SETTING = 0.05
"""The same for a setting: that both are in some room says little."""

LEAST_COMMON = 5
"""Captions that a word stands in at least before it is common."""

NEAREST_ROWS = 10
"""Rows that stand closer in the source may be of one picture, as in files of several captions."""


@dataclass(frozen=True, slots=True)
class PooledCaption:
    """One caption of a pool.

    Attributes:
        source: The caption and where it stands.
        facts: What it says of its scene.
    """

    source: SourceCaption
    facts: SceneFacts


@dataclass(frozen=True, slots=True)
class Match:
    """Two captions that may stand against each other.

    Attributes:
        number: Place of the other one in the pool.
        score: How well the two go together.
        contradicts: In what they contradict each other.
    """

    number: int
    score: float
    contradicts: tuple[str, ...]


class CaptionIndex:
    """Finds the captions that go with one; what it finds depends on the set of captions alone."""

    def __init__(self, pool: Sequence[PooledCaption]) -> None:
        """Index a pool, whose order must not depend on anything but its content."""
        self._pool = pool
        counts = Counter(lemma for one in pool for lemma in one.facts.content)
        self._rarity = {lemma: math.log(1 + len(pool) / n) for lemma, n in counts.items()}
        self._usual = math.log(1 + len(pool))
        most = max(LEAST_COMMON, COMMON * len(pool))
        self._common = frozenset(lemma for lemma, n in counts.items() if n > most)
        settings = Counter(setting for one in pool for setting in one.facts.settings)
        most = max(LEAST_COMMON, COMMON_SETTING * len(pool))
        self._common_settings = frozenset(name for name, n in settings.items() if n > most)
        self._norms = [self._norm(one.facts) for one in pool]
        self._by_lemma: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._by_group: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for number, one in enumerate(pool):
            facts = one.facts
            self._by_group[facts.style, facts.sort, facts.group].append(number)
            for lemma in sorted(facts.content):
                self._by_lemma[facts.style, facts.sort, lemma].append(number)

    def matches(self, source: SourceCaption, facts: SceneFacts) -> list[Match]:
        """The captions that go best with one that says `facts`, the best first."""
        found = []
        norm = self._norm(facts)
        for number in self._near(facts):
            other = self._pool[number]
            if abs(facts.length - other.facts.length) > MOST_LENGTH_GAP:
                continue
            if _are_strangers(facts, other.facts) or not self._are_akin(facts, other.facts):
                continue
            contradicts = contradictions(facts, other.facts)
            if not contradicts or may_show_one_picture(source, other.source):
                continue
            likeness = self._shared(facts, other.facts) / math.sqrt(norm * self._norms[number])
            score = _score(facts, other.facts, likeness, len(contradicts))
            if LEAST_ALIKE <= likeness <= MOST_ALIKE and score >= LEAST_SCORE:
                found.append(Match(number, score, contradicts))
        found.sort(key=lambda match: (-match.score, match.number))
        return found[:MOST_KEPT]

    def _near(self, one: SceneFacts) -> Iterable[int]:
        """Numbers of captions that share its rarer words, then of those of its group."""
        near: dict[int, None] = {}
        lemmas = sorted(one.content, key=lambda lemma: (-self._weight(lemma), lemma))
        for lemma in lemmas:
            listed = self._by_lemma.get((one.style, one.sort, lemma), ())
            near |= dict.fromkeys(_spread(listed, one, MOST_COMPARED // 4))
            if len(near) >= MOST_COMPARED:
                return near
        group = self._by_group.get((one.style, one.sort, one.group), ())
        return near | dict.fromkeys(_spread(group, one, MOST_COMPARED // 2))

    def _are_akin(self, one: SceneFacts, other: SceneFacts) -> bool:
        """Whether two captions are of one kind of scene: they share two respects of five.

        The main thing, what it is like, what else is there, the doing and the setting; of which
        one at least is no commonplace: that both are of a man says little, and that both are of
        a cricketer much.
        """
        words = load_complete()
        common = self._common | words.general | words.posture
        main = ({one.lemma} & {other.lemma}) - words.general
        if one.sort == PEOPLE or one.group == STAND_INS:
            main -= common
        settings = one.settings & other.settings
        things = (one.things & other.things) - words.general - main
        shared: tuple[object, ...] = (
            main,
            things,
            one.doing & other.doing,
            main and one.qualities & other.qualities,
            (one.places & other.places) | settings,
        )
        special = bool(main) or not settings <= self._common_settings
        special = special or not things <= common
        special = special or not one.places & other.places <= common
        return special and sum(map(bool, shared)) >= SHARED_RESPECTS

    def _weight(self, lemma: str) -> float:
        return self._rarity.get(lemma, self._usual)

    def _norm(self, facts: SceneFacts) -> float:
        """Weight of all of its words; never 0."""
        return sum(map(self._weight, sorted(facts.content))) or 1.0

    def _shared(self, one: SceneFacts, other: SceneFacts) -> float:
        """Weight of the words that both hold."""
        return sum(map(self._weight, sorted(one.content & other.content)))


def may_show_one_picture(one: SourceCaption, other: SourceCaption) -> bool:
    """Whether two captions are, or could be, of the same picture."""
    if one.anchor_id == other.anchor_id or (one.url is not None and one.url == other.url):
        return True
    if one.row is None or other.row is None:
        return False
    return abs(one.row - other.row) < NEAREST_ROWS


def _are_strangers(one: SceneFacts, other: SceneFacts) -> bool:
    """Whether two captions are of one sort of thing in name alone."""
    if one.lemma == other.lemma:
        return False
    words = load_complete()
    if one.sort in words.broad_sorts:
        return True
    is_near = one.group == other.group and one.group not in words.broad_groups
    return not is_near and one.content.isdisjoint(other.content)


def _spread(numbers: Sequence[int], one: SceneFacts, most: int) -> Iterator[int]:
    """At most so many of the numbers, from a place that the caption decides, evenly spread."""
    if len(numbers) <= most:
        yield from numbers
        return
    step = len(numbers) / most
    shift = len(one.content) * 7919 + one.length * 104729
    for turn in range(most):
        yield numbers[(int(turn * step) + shift) % len(numbers)]


def _score(one: SceneFacts, other: SceneFacts, likeness: float, respects: int) -> float:
    """How well two captions go together: near in what is shown, and false of each other."""
    near = 2.0 if one.lemma == other.lemma else 1.0 if one.group == other.group else 0.0
    score = near + 5 * likeness + 0.3 * min(respects, 3)
    score += 0.3 * (one.is_sentence == other.is_sentence)
    return score - 0.1 * abs(one.length - other.length)


def exchange(
    matches: Mapping[int, Sequence[Match]], taken: Collection[tuple[int, int]] = ()
) -> dict[int, Match]:
    """For each caption its counterpart, so that nearly every caption is one exactly once.

    Pairs take each other, the best first. What is left over is fitted in along augmenting paths,
    as in bipartite matching: of a pair one takes the newcomer, and the other looks further. What
    is left even then takes the best that is used least; none is used more than twice.

    Args:
        matches: For each caption those that it may have, the best first.
        taken: Pairs of a caption and a counterpart that it has already.
    """
    edges: dict[tuple[int, int], Match] = {}
    for one in sorted(matches):
        for match in matches[one]:
            edges.setdefault((min(one, match.number), max(one, match.number)), match)
    order = sorted(edges, key=lambda pair: (-edges[pair].score, pair))
    goes_with: dict[int, list[int]] = defaultdict(list)
    taker: dict[int, int] = {}
    for pair in order:
        is_free = True
        for one, other in (pair, pair[::-1]):
            if (one, other) in taken:
                is_free = False
            else:
                goes_with[one].append(other)
        if is_free and taker.keys().isdisjoint(pair):
            taker[pair[0]], taker[pair[1]] = pair[1], pair[0]
    for one in sorted(set(goes_with) - set(taker.values())):
        _fit_in(one, goes_with, taker)
    has = {one: number for number, one in taker.items()}
    uses = Counter(has.values())
    for one in sorted(set(goes_with) - set(has)):
        number = min(goes_with[one], key=lambda number: uses[number])
        if uses[number] < MOST_USES:
            has[one] = number
            uses[number] += 1
    return {
        one: Match(number, edge.score, edge.contradicts)
        for one, number in sorted(has.items())
        for edge in [edges[min(one, number), max(one, number)]]
    }


def _fit_in(one: int, goes_with: Mapping[int, Sequence[int]], taker: dict[int, int]) -> None:
    """Find `one` a counterpart by the shortest chain of exchanges, if there is any.

    Args:
        one: The caption without a counterpart.
        goes_with: For each caption those that it may take, the best first.
        taker: Counterpart → the caption that has it; is changed.
    """
    reached_by: dict[int, int] = {}
    waiting = [one]
    for seeker in waiting:
        for number in goes_with[seeker]:
            if number in reached_by:
                continue
            reached_by[number] = seeker
            if number not in taker:
                _shift(number, one, reached_by, taker)
                return
            waiting.append(taker[number])


def _shift(number: int, one: int, reached_by: Mapping[int, int], taker: dict[int, int]) -> None:
    """Give every caption on the chain that ends at a free `number` the one that it found."""
    has = {seeker: counterpart for counterpart, seeker in taker.items()}
    while True:
        seeker = reached_by[number]
        before = has.get(seeker)
        taker[number] = seeker
        if seeker == one or before is None:
            return
        number = before
