"""Relations in space: "a cat on a bench" turns into "a cat under a bench".

Which relations exclude each other is said in `lexicon/relations.toml`; whether there is such a
thing at such a place, and what it does there, was counted on captions (`lexicon/placements.toml`).
What captions do not have is left alone: idioms, times and what nobody would say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon.placements import PERSON, kind_of, load_placements
from pipeline.edits.lexicon.relations import Move, load_relations
from pipeline.edits.lexicon.sizes import load_sizes
from pipeline.edits.parse.phrases import has_determiner, is_a, is_description, is_plural, wordset
from pipeline.edits.parse.word_tree import Word, WordTree, word_tree
from pipeline.edits.rules.relation.fixed_phrases import RULE, PlaceWords, relation_proposal
from pipeline.edits.rules.relation.placing import Placing, placings

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.relations"
PICTURES = wordset("photo picture image photograph")
CLINGING = wordset("perch lean hang mount depend rest land hide")
"""Verbs that ask for the preposition behind them: what "perches on" does not "perch next to"."""
PARTICLES = wordset("up down out off away back over around")
JOINED = wordset("from as than like of to far close out not")
"""Words that make another relation with the one behind them: "up on", "from under"."""
SAME = wordset("another same other each")
SUPPORT = wordset("in on under at")
STILL = wordset(
    "be sit stand lie lay sleep rest relax pose perch wait kneel crouch squat curl seat park place "
    "position leave look smile hold wear have fill cover top nap"
)
"""What somebody does as well beside a thing as on it."""


class RelationRule:
    """Replaces a spatial relation by one that cannot hold at the same time."""

    name = RULE
    kind = EditKind.RELATION

    def __init__(self) -> None:
        relations = load_relations()
        self._wordings = {name: phrases[0] for name, phrases in relations.prepositions.items()}
        self._placements = load_placements()
        self._place_words = PlaceWords()
        self._moves: dict[str, list[tuple[str, Move]]] = {}
        for move in relations.moves:
            for old, new in (move.between, move.between[::-1]):
                self._moves.setdefault(old, []).append((new, move))

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield every change of a relation, in the order of the text.

        They are found once and kept with the doc, because contrasts ask for them too.
        """
        kept = doc.user_data.get(KEY)
        if kept is None:
            words = word_tree(doc)
            kept = tuple(self._all(words)) if is_description(words) else ()
            doc.user_data[KEY] = kept
        yield from kept

    def _all(self, words: WordTree) -> Iterator[Proposal]:
        lowered = list(words.lower)
        for token in words:
            if token.lower in self._place_words.words:
                yield from self._place_words.at(words, token, lowered)
        found = list(placings(words))
        for one in found:
            if one.preposition in self._moves and _is_plain(words, one):
                taken = _taken(one, found)
                yield from self._others(words, one, taken)

    def _others(self, words: WordTree, one: Placing, taken: set[str]) -> Iterator[Proposal]:
        """What else may be said of the same two, by captions and by the relations' meanings."""
        fitting = [
            (new, move)
            for new, move in self._moves[one.preposition]
            if new not in taken and _allows(move, one) and self._is_said(one, new, move)
        ]
        for new, move in fitting:
            said = move.say.get(new) or " ".join(self._wordings[new])
            yield relation_proposal(
                words, one.start, one.end, said, move.subkind, 1.0 / len(fitting)
            )

    def _is_said(self, one: Placing, new: str, move: Move) -> bool:
        """Whether captions have the figure, doing what it does, in the new relation."""
        if {new, one.preposition} & {"in", "on"} and _is_too_large(one.figure, one.ground.root):
            return False
        has = self._placements.has(one.figure_name, new, one.ground_name)
        if not has and not move.moving:
            return False
        verb = one.verb.lemma if one.verb is not None else "be"
        return verb == "be" or self._placements.does(verb, new, one.ground_name)


def _taken(one: Placing, found: list[Placing]) -> set[str]:
    """Relations that would be said twice, or of a figure that is in or on something else."""
    others = [other for other in found if other is not one]
    taken = {other.preposition for other in others} - SUPPORT
    held = any(o.preposition in SUPPORT for o in others if o.figure is one.figure)
    return taken | SUPPORT if held else taken


def _allows(move: Move, one: Placing) -> bool:
    """Whether the two relations of a move exclude each other here."""
    if move.grounds and one.ground_name not in move.grounds:
        return False
    person = kind_of(one.figure_name) == PERSON
    if ("person" if person else one.figure_name) not in move.figures:
        return False
    if one.verb is None:
        return not move.moving
    return not move.verbs or one.verb.lemma in move.verbs


def _is_too_large(figure: Word, ground: Word) -> bool:
    """Whether a living thing is larger than what it is said to be in or on."""
    mentions = figure.words.parsed.mentions
    one, other = mentions.get(figure.i), mentions.get(ground.i)
    if one is None or other is None or one.noun.cls != "animal":
        return False
    ranks = (load_sizes().rank(one.noun), load_sizes().rank(other.noun))
    return ranks[0] is not None and ranks[1] is not None and ranks[0] > ranks[1]


def _is_plain(words: WordTree, one: Placing) -> bool:
    """Whether a placing is what it seems to be, and nothing else in the caption leans on it."""
    figure, verb, ground = one.figure, one.verb, one.ground
    before = words[one.start - 1] if one.start else None
    if before is None or before.lower in JOINED or words[one.start].dep == "agent":
        return False
    if figure.head.lower == "by" or figure.lemma in PICTURES or one.figure_name == one.ground_name:
        return False
    if ground[0].lower in SAME or _is_named_again(words, one.end):
        return False
    if any(word.tag == "DT" and word.i > ground.start for word in ground):
        # "golden a plate"
        return False
    if any(c.dep in {"conj", "cc"} or c.lower == "of" for c in ground.root.children):
        # "in a pink house and patterned skirt", "in the building of this playhouse"
        return False
    if verb is None:
        if _does_more(words):
            return False
    elif verb.lemma in CLINGING or verb.tag == "VB" or _has_particle(verb, before):
        # "tried to walk across" is meant, not seen.
        return False
    bare = not has_determiner(ground) and not is_plural(ground.root)
    if bare and is_a(one.ground_name, "building", "place"):
        # "in school", "at sea"
        return False
    # "a frog in rain forest": a style of its own, not that of a headline.
    return not (bare and any(c.dep in {"det", "poss", "nummod"} for c in figure.children))


def _is_named_again(words: WordTree, start: int) -> bool:
    """Whether later words place something at the ground, too: "a bowl with a spoon in it"."""
    return any(
        word.lower in {"it", "them", "which"} and words[word.i - 1].pos == "ADP"
        for word in words[start + 1 :]
    )


def _does_more(words: WordTree) -> bool:
    """Whether something is done that could not be done elsewhere: "a boy on a skateboard jumps"."""
    return any(word.pos == "VERB" and word.lemma not in STILL for word in words)


def _has_particle(verb: Word, before: Word) -> bool:
    """Whether a particle stands right before the preposition: "looked down at"."""
    return before.head is verb and before.dep in {"prt", "advmod"} and before.lower in PARTICLES
