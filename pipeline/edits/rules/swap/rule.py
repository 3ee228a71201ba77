"""Two phrases exchange places: who does what to whom, what is where, which is red.

A swap is proposed only where the result means something else: coordination ("a man and a
woman"), symmetric relations ("next to", "meets") and qualities of the same noun are left
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import (
    chunks_by_start,
    is_description,
    is_plural,
    subject_of,
    wordset,
)
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree, word_tree
from pipeline.edits.rules.relation.placing import Placing, placings
from pipeline.edits.rules.swap.phrases import (
    RULE,
    are_alike_in_size,
    exchange,
    has_dependents_behind,
    has_words_between,
    is_introduced,
    is_plain,
    is_within_another,
    sort_of,
)
from pipeline.edits.rules.swap.qualities import QualitySwaps

if TYPE_CHECKING:
    from spacy.tokens import Doc

EITHER_WAY = wordset("chase follow lead approach attack point wave sniff smell lick bite sneak")
"""One-way verbs that people and animals do to each other; who is looked at may look back."""
TOWING = wordset("tow pull push follow pass overtake hit carry chase lift")
"""One-way verbs between two vehicles."""
MOVING = wordset("chase follow")
"""One-way verbs between a vehicle and somebody."""
ACROSS = EITHER_WAY
"""One-way verbs between a person and an animal; neither rides nor feeds the other in turn."""
SAME_KIND = EITHER_WAY | wordset(
    "photograph guide examine push pull kick hit punch tackle feed film paint draw "
    "massage serve tickle throw pursue block rescue "
    "drag measure dress wash pass bathe groom hunt eat"
)
"""One-way verbs between two people or two animals; a picture shows which of them does it. Who is
held or carried is mostly a child, who does not hold the other."""
ONE_WAY = SAME_KIND | ACROSS | TOWING
NO_AGENT = wordset("baby infant newborn toddler crowd audience team fan group pair")
STATIC = wordset("be stand sit walk run park lie lay ride drive pose wait travel follow")
ONE_SIDED = frozenset({"in front of", "behind", "above", "under", "on"})
"""Relations that do not hold the other way round."""
HIS = wordset("his her him he she their them its himself herself themselves who")


class SwapRule:
    """Exchanges two noun phrases, or two qualities of different nouns."""

    name = RULE
    kind = EditKind.SWAP

    def __init__(self) -> None:
        self._qualities = QualitySwaps(self.name)
        self._relations = load_relations()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield every swap: roles, places, owners of a phrase, then qualities and numbers."""
        words = word_tree(doc)
        if not is_description(words):
            return
        protected = words.parsed.protected
        chunks = [
            chunk
            for chunk in chunks_by_start(words).values()
            if is_plain(chunk)
            and not is_introduced(chunk)
            and protected.isdisjoint(range(chunk.start, chunk.end))
        ]
        if len(chunks) > 1:
            yield from self._roles(words, chunks)
            yield from self._places(words, chunks)
        yield from self._qualities.propose(words)

    def _roles(self, words: WordTree, chunks: list[Phrase]) -> Iterator[Proposal]:
        """Subject and object of a one-way verb that can be seen."""
        by_root = {chunk.root.i: chunk for chunk in chunks}
        for verb in words:
            if verb.pos != "VERB" or verb.lemma not in ONE_WAY:
                continue
            subject = subject_of(verb)
            if (
                subject is None
                or subject.i not in by_root
                or any(verb.lefts)
                and _is_negated_or_unreal(verb)
            ):
                continue
            target = self._target(verb)
            if target is None or target.i not in by_root:
                continue
            first, second = by_root[subject.i], by_root[target.i]
            if not self._is_reversible(verb, subject, target) or is_within_another(subject):
                continue
            if verb.lemma not in EITHER_WAY and not are_alike_in_size(first, second):
                # Whoever holds, lifts or tows must be able to be held by the other.
                continue
            if (
                first.end > verb.i
                or has_words_between(first, verb.i)
                or has_dependents_behind(words, second)
            ):
                continue
            if any(token.lower in HIS for token in words) or _tells_manner(second):
                continue
            agrees = is_plural(first.root) == is_plural(second.root)
            finite = verb.tag in {"VBZ", "VBP"} or any(c.pos == "AUX" for c in verb.lefts)
            if finite and not agrees:
                continue
            yield from exchange("roles", first, second)

    def _places(self, words: WordTree, chunks: list[Phrase]) -> Iterator[Proposal]:
        """Two things of which either may stand to the other as it is said of one of them."""
        by_root = {chunk.root.i: chunk for chunk in chunks}
        for one in placings(words):
            figure, ground = by_root.get(one.figure.i), by_root.get(one.ground.root.i)
            if figure is None or ground is None or not self._may_be_reversed(one):
                continue
            verb = one.verb.i if one.verb is not None else one.start
            if (
                is_within_another(one.figure)
                or not _agrees(one.verb, figure, ground)
                or has_words_between(figure, verb)
                or has_dependents_behind(words, ground)
            ):
                continue
            yield from exchange("places", figure, ground)

    def _may_be_reversed(self, one: Placing) -> bool:
        """Whether the ground may as well stand where the figure stands."""
        figure, ground = one.figure_name, one.ground_name
        if figure == ground or {one.figure.lemma, one.ground.root.lemma} & NO_AGENT:
            return False
        if one.verb is not None and (
            one.verb.lemma not in STATIC
            or any(child.dep in {"conj", "cc"} for child in one.verb.children)
        ):
            return False
        names = self._relations.names_of(one.preposition) & ONE_SIDED
        return any(self._relations.allows(ground, name, figure) for name in names)

    def _is_reversible(self, verb: Word, subject: Word, target: Word) -> bool:
        """Whether each of the two can do this to the other."""
        sorts = (sort_of(subject), sort_of(target))
        if "vehicle" in sorts and "" not in sorts:
            allowed = TOWING if sorts == ("vehicle", "vehicle") else MOVING
            return verb.lemma in allowed and subject.lemma != target.lemma
        allowed = ACROSS if sorts[0] != sorts[1] else SAME_KIND
        return verb.lemma in allowed and self._animate(subject, target)

    @staticmethod
    def _target(verb: Word) -> Word | None:
        """The object of a verb, direct or behind "at" or "by"."""
        passive = verb.tag == "VBN"
        for child in verb.rights:
            if child.dep == "dobj" and not passive:
                return child
            if child.lower in ({"by"} if passive else {"at", "behind"}):
                return next((c for c in child.children if c.dep == "pobj"), None)
        return None

    def _animate(self, *nouns: Word) -> bool:
        """Whether all are people or animals old enough to do things, and not the same word."""
        words = {noun.lemma for noun in nouns}
        akin = load_lexicon().nouns.akin(nouns[0].lemma)
        return (
            len(words) == len(nouns)
            and not akin.intersection(noun.lemma for noun in nouns[1:])
            and not words & NO_AGENT
            and all(sort_of(noun) in {"person", "animal"} for noun in nouns)
        )


def _tells_manner(target: Phrase) -> bool:
    """Whether it follows how somebody does it, as only one of the two can: "in amazement"."""
    words, end = target.words, target.end
    if end + 1 >= len(words) or words[end].lower not in {"in", "with"}:
        return False
    return words[end + 1].tag == "NN" and end + 1 not in words.parsed.mentions


def _is_negated_or_unreal(verb: Word) -> bool:
    """Whether a verb is negated, or only wished or possible."""
    return any(c.dep == "neg" or c.tag in {"MD", "TO"} for c in verb.lefts)


def _agrees(verb: Word | None, one: Phrase, two: Phrase) -> bool:
    """Whether a finite verb suits both: not "the desk are"."""
    if verb is None or is_plural(one.root) is is_plural(two.root):
        return True
    return verb.tag == "VBG" and not any(child.dep == "aux" for child in verb.children)
