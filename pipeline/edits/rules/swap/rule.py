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
from pipeline.edits.parse.phrases import (
    chunks_by_start,
    is_description,
    is_plural,
    subject_of,
    wordset,
)
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree, word_tree
from pipeline.edits.rules.swap.phrases import (
    RULE,
    NounSorts,
    are_alike_in_size,
    exchange,
    has_dependents_behind,
    has_words_between,
    is_introduced,
    is_plain,
    is_within_another,
)
from pipeline.edits.rules.swap.places import NO_AGENT, PlaceSwaps
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
HIS = wordset("his her him he she their them its himself herself themselves who")


class SwapRule:
    """Exchanges two noun phrases, or two qualities of different nouns."""

    name = RULE
    kind = EditKind.SWAP

    def __init__(self) -> None:
        self._qualities = QualitySwaps(self.name)
        self._sorts = NounSorts()
        self._places = PlaceSwaps(self._sorts)

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
            yield from self._places.propose(words, chunks)
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

    def _is_reversible(self, verb: Word, subject: Word, target: Word) -> bool:
        """Whether each of the two can do this to the other."""
        sorts = (self._sorts.of(subject), self._sorts.of(target))
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
            and all(self._sorts.of(noun) in {"person", "animal"} for noun in nouns)
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
