"""Relations in space: "a cat on a bench" turns into "a cat under a bench".

Which relations exclude each other, and what may be in which of them to what, is said for sorts of
things in `lexicon/relations.toml`. What it does not name is left alone: idioms, times, and what
nobody would say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon.relations import Place, load_relations
from pipeline.edits.parse.phrases import has_determiner, is_a, is_description, is_plural, wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree, word_tree
from pipeline.edits.rules.relation.fixed_phrases import RULE, place_words, relation_proposal
from pipeline.edits.rules.relation.placing import Placing, name_of, placings

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.relations"
PICTURES = wordset("photo picture image photograph")
PARTICLES = wordset("up down out off away back over around")
JOINED = wordset("from as than like of to far close out not in inside outside on right just")
"""Words that make another relation with the one behind them: "up on", "from under"."""
SAME = wordset("another same other each")
SUPPORT = frozenset({"in", "inside", "on", "on ground", "under", "at"})
WAYS = frozenset({"along", "across", "down", "up", "through", "over"})
STILL = wordset(
    "be sit stand lie lay sleep rest relax pose wait kneel crouch squat curl seat park place "
    "position leave look smile hold wear have fill cover top nap see show eat drink read talk chat "
    "hug kiss laugh carry gather display enjoy stretch lounge stare watch use set isolate bask "
    "surround pick dress"
)
"""What somebody does as well in another relation to a thing."""
NAMED_BY = ("by",)
GOALS = wordset("to from into onto out off towards toward")
HAVING = wordset("wear hold carry use have")
HOLLOW = frozenset({"in", "inside", "on", "on ground"})
OUTDOORS_LOST = frozenset({"in", "inside"})
"""Relations in which what a ground itself is on or in, a pavement or a drive, is not seen."""
SINGLE = ("vehicle", "furniture", "animal", "container", "person")
"""Classes of what one thing is in or on only one of."""


class RelationRule:
    """Replaces a spatial relation by one that cannot hold at the same time."""

    name = RULE
    kind = EditKind.RELATION

    def __init__(self) -> None:
        self._relations = load_relations()

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
        yield from place_words(words)
        found = list(placings(words))
        for one in found:
            if _is_plain(words, one) and not self._is_of_another(words, one):
                yield from self._others(words, one, self._taken(one, found))

    def _others(self, words: WordTree, one: Placing, taken: set[str]) -> Iterator[Proposal]:
        """What else may be said of the same two, in each wording of it."""
        said: dict[str, str] = {}
        figure, ground = one.figure_name, one.ground_name
        for place in self._relations.where(figure, ground):
            if not _does(one, place):
                continue
            names = self._relations.others(figure, one.preposition, place, ground) - taken
            if is_plural(one.ground.root) and not is_plural(one.figure) and is_a(ground, *SINGLE):
                names -= HOLLOW
            for name in names:
                for phrase in self._relations.prepositions[name]:
                    if phrase != NAMED_BY or one.verb is None or one.verb.tag != "VBN":
                        said.setdefault(" ".join(phrase), name)
        old = min(self._relations.names_of(one.preposition))
        for new, name in sorted(said.items()):
            subkind = (
                "_".join(sorted((old, name)))
                .replace(" ", "_")
                .replace("inside", "in")
                .replace("on_ground", "on")
            )
            yield relation_proposal(words, one.start, one.end, new, subkind, 1 / len(said))

    def _is_of_another(self, words: WordTree, one: Placing) -> bool:
        """Whether it is rather what stands right before that is there: "sees food on a table"."""
        before = words[one.start - 1]
        if before is one.figure or before.pos != "NOUN" or one.verb is None:
            return False
        if is_a(before.lemma, "body"):
            return True
        if one.verb.lemma in HAVING:
            return False
        entries = self._relations.where(name_of(before), one.ground_name)
        names = self._relations.names_of(one.preposition)
        return any(names & set(place.between) for place in entries)

    def _taken(self, one: Placing, found: list[Placing]) -> set[str]:
        """Relations that would be said twice, or of a figure that is in or on something else."""
        taken: set[str] = set()
        for other in found:
            if other is one:
                continue
            names = self._relations.names_of(other.preposition)
            if is_a(other.ground_name, "clothing", "body"):
                continue
            taken |= names - SUPPORT
            if names & (SUPPORT | WAYS) and other.figure is one.figure:
                taken |= SUPPORT
            if names & SUPPORT and other.figure is one.ground.root:
                # "outside a restaurant on a sidewalk", "near a sidewalk on a street"
                taken |= names | OUTDOORS_LOST
        return taken


def _does(one: Placing, place: Place) -> bool:
    """Whether the figure does what it may do in any relation of an entry."""
    if place.moving:
        return (
            one.verb is not None
            and one.verb.lemma in place.verbs
            and not any(
                c.dep == "dobj" or (c.lower in GOALS and c.i != one.start)
                for c in one.verb.children
            )
        )
    doings = [one.verb] if one.verb is not None else _doings(one.figure)
    return all(verb.lemma in place.verbs | (set() if place.only else STILL) for verb in doings)


def _doings(figure: Word) -> list[Word]:
    """Verbs of what a figure does: "a boy on a skateboard jumps", "a man in a car driving"."""
    verbs = [child for child in figure.children if child.pos == "VERB"]
    head = figure.head
    if figure.dep in {"nsubj", "dobj"} and head.pos == "VERB":
        verbs.append(head)
    return verbs


def _is_plain(words: WordTree, one: Placing) -> bool:
    """Whether a placing is what it seems to be, and nothing else in the caption leans on it."""
    figure, verb, ground = one.figure, one.verb, one.ground
    before = words[one.start - 1] if one.start else None
    if before is None or before.lower in JOINED or words[one.start].dep == "agent":
        return False
    if words.lower[one.start] in HOLLOW and "out" in words.lower:
        # "sits in a car and looks out"
        return False
    if figure.head.lower == "by" or figure.lemma in PICTURES:
        return False
    if sum(word.lemma == ground.root.lemma for word in words) > 1:
        # "a bowl of stew in a white bowl"
        return False
    if ground[0].lower in SAME or _is_named_again(words, one.end) or _is_compound(ground):
        return False
    if any(word.tag == "DT" and word.i > ground.start for word in ground):
        # "golden a plate"
        return False
    if any(c.dep in {"conj", "cc"} or c.lower == "of" for c in ground.root.children):
        # "in a pink house and patterned skirt", "in the building of this playhouse"
        return False
    if verb is not None and (verb.tag == "VB" or _has_particle(verb, before)):
        # "tried to walk across" is meant, not seen.
        return False
    bare = not has_determiner(ground) and not is_plural(ground.root)
    if bare and is_a(one.ground_name, "building", "place", "furniture"):
        # "in school", "at sea"
        return False
    # "a frog in rain forest": a style of its own, not that of a headline.
    return not (bare and any(c.dep in {"det", "poss", "nummod"} for c in figure.children))


def _is_compound(ground: Phrase) -> bool:
    """Whether the ground is only part of a longer word: "behind horse back riding"."""
    rest = ground.words[ground.end : ground.end + 1]
    return any(
        word.tag in {"NN", "NNS", "POS", "HYPH", "NNP"} or word.dep in {"amod", "compound"}
        for word in rest
    )


def _is_named_again(words: WordTree, start: int) -> bool:
    """Whether later words place something at the ground, too: "a bowl with a spoon in it"."""
    return any(
        word.lower in {"it", "them", "which"} and words[word.i - 1].pos == "ADP"
        for word in words[start + 1 :]
    )


def _has_particle(verb: Word, before: Word) -> bool:
    """Whether a particle stands right before the preposition: "looked down at"."""
    return before.head is verb and before.dep in {"prt", "advmod"} and before.lower in PARTICLES
