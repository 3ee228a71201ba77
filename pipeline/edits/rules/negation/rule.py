"""Negation about something visible: added, removed, or moved between two sides.

A bare "not" gives the counterfactual away, so half of the proposals carry their own factual
wording that is negated too: "a man on a horse, not on a bicycle" against "a man on a
bicycle, not on a horse".
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.caption_type import is_list_of_contents
from pipeline.edits.parse.phrases import (
    chunks_by_start,
    content_noun,
    is_a,
    is_description,
    is_plural,
    is_thing,
    subject_of,
    wordset,
)
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree, word_tree
from pipeline.edits.rules.action.context import is_action_mentioned_again
from pipeline.edits.rules.negation.contrast import ContrastWordings
from pipeline.edits.rules.negation.proposals import RULE, insert_not, negation_proposal
from pipeline.edits.rules.negation.removal import NegationRemoval
from pipeline.edits.rules.negation.things import BE, PLACES, ThingDenials
from pipeline.edits.rules.negation.visible_nouns import VisibleNouns
from pipeline.edits.rules.object.people import Policy

if TYPE_CHECKING:
    from spacy.tokens import Doc

PARTICLES = wordset("back like as away over")
NEGATIVE = frozenset({"without", "no"})
DENIALS = frozenset({"without", "no", "not", "n't", "n’t"})
"""Negations; a caption with one gets no other."""
LIKENED = frozenset({"like", "as"})


class NegationRule:
    """Adds, removes or moves a "not", "no" or "without"."""

    name = RULE
    kind = EditKind.NEGATION

    def __init__(self, alternatives: int = 1, policy: Policy = "balanced") -> None:
        """Load the word classes.

        Args:
            alternatives: Most wordings of one contrast, which differ in what is denied.
            policy: On people.
        """
        relations = load_relations()
        self._visible_verbs = relations.verbs["visible"]
        self._participles = relations.verbs["done"]
        self._visible_nouns = VisibleNouns()
        self._things = ThingDenials(self._visible_nouns)
        self._qualities = load_lexicon().qualities
        self._removal = NegationRemoval()
        self._contrast = ContrastWordings(self.name, alternatives, policy)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield one-sided and removed negations, then wordings negated on both sides."""
        words = word_tree(doc)
        if not is_description(words):
            return
        chunks = chunks_by_start(words)
        plain = list(self._one_sided(words, chunks))
        yield from plain
        if "neg" in words.parsed.deps or not NEGATIVE.isdisjoint(words.lower):
            return
        # Few captions allow a bare negation and many a wording on both sides: where there is
        # one, the others stand back, so that both come about equally often.
        also = zlib.crc32(words.text.encode()) % 3 == 0
        if not plain or also:
            yield from next(self._contrast.groups(doc, words, chunks), ())

    def _one_sided(self, words: WordTree, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """Negations that are added or taken away."""
        some = not (load_negation().undeniable | DENIALS).isdisjoint(words.lower)
        for token in words:
            word = token.lower
            if some and word not in DENIALS:
                continue
            if word == "with":
                yield from self._things.without(words, token, chunks)
            elif word == "without":
                yield from self._removal.without(words, token, chunks)
            elif word == "there" and token.dep == "expl":
                yield from self._things.there(words, token, chunks)
            elif word in {"not", "n't", "n’t"}:
                yield from self._removal.negated_verb(words, token)
            elif word == "no" and token.dep == "det":
                yield from self._removal.no(words, token)
            elif token.pos == "VERB" and token.tag == "VBN" and token.lemma in self._participles:
                yield from self._participle(words, token)
            elif token.pos == "VERB" and token.lemma in self._visible_verbs:
                yield from self._action(words, token)
            elif word in BE:
                yield from self._predicate(words, token)
            elif token.dep == "prep" and (word in PLACES or word == "next"):
                yield from self._things.place(words, token, chunks)

    def _action(self, words: WordTree, verb: Word) -> Iterator[Proposal]:
        """Somebody or something does not do it."""
        if is_list_of_contents(words.lower):
            joined = " and on " in words.text
            if verb.tag == "VBG" and words[verb.i - 1].lower == "," and not joined:
                yield insert_not(verb)
            return
        if any(c.dep in {"conj", "neg", "cc", "prt"} for c in verb.children):
            return
        after = words[verb.i + 1] if verb.i + 1 < len(words) else None
        if after is not None and (
            after.lower in {"and", "or", "-", "down", "up"} or after.tag in {"VB", "VBP", "VBZ"}
        ):
            return
        if (
            verb.dep in {"conj", "amod", "compound", "xcomp", "pcomp", "advcl", "ccomp", "relcl"}
            or not verb.i
        ):
            return
        if is_action_mentioned_again(words.parsed, verb.i, verb.lemma):
            return
        if verb.lemma in load_negation().bodily and any(c.dep == "dobj" for c in verb.children):
            return
        if any(
            t.tag == "CC" and (after.tag == verb.tag or after.lower[-3:] == "ing")
            for t, after in pairwise(words[verb.i :])
        ):
            # The parse joins "and dancing" to something else; to a reader both are denied.
            return
        subject = subject_of(verb)
        if subject is None or subject.i > verb.i or not self._visible_nouns.is_visible(subject):
            return
        if not self._is_deniable(words, verb, subject, after):
            return
        if verb.lemma in load_negation().by_people and not self._visible_nouns.is_animate(subject):
            return
        if after is not None and (after.lower in PARTICLES or after.dep in {"acomp", "oprd"}):
            return
        if verb.lemma == "look" and (after is None or after.dep != "prep"):
            return
        if after is not None and verb.lemma in {"speak", "talk"} and after.lower in {"for", "of"}:
            return
        if verb.lemma in {"play", "pick"} and not self._plays_something(verb):
            return
        before = words[verb.i - 1]
        if verb.tag == "VBG" and before.lower in BE and before.head == verb:
            yield insert_not(verb)
        elif (
            verb.tag == "VBG"
            and before.pos == "NOUN"
            and self._participle_modifies(subject, before, verb)
        ):
            if not any(c.dep in {"aux", "auxpass"} for c in verb.children):
                yield insert_not(verb)
        elif verb.tag in {"VBZ", "VBP"} and self._clause_reaches_verb(subject, verb):
            if subject.dep != "nsubj" or (verb.tag == "VBZ") is is_plural(subject):
                return
            if verb.tag == "VBP" and not (is_plural(subject) or subject.lemma == "people"):
                return
            helper = "does not" if verb.tag == "VBZ" else "do not"
            base = verb.lemma
            yield negation_proposal(
                "one_sided",
                TokenPiece(verb.i, verb.i + 1, f"{helper} {base}"),
                verb.text,
                f"{helper} {base}",
            )

    def _is_deniable(self, words: WordTree, verb: Word, subject: Word, after: Word | None) -> bool:
        """Whether a picture can show that it does not happen, and no other word implies it."""
        if verb.lemma in load_negation().undenied or (after is not None and after.tag == "VBG"):
            # "celebrate raising money", "skate boarding"
            return False
        target = next((c for c in verb.children if c.dep == "dobj"), None)
        if target is not None:
            if verb.lemma == "celebrate" or (
                verb.lemma in load_negation().of_bodies
                and not self._visible_nouns.is_animate(target)
            ):
                return False
            if verb.lemma == "carry" and is_a(content_noun(subject).lemma, "vehicle"):
                # "a bus not carrying the team": who is in it is not seen.
                return False
            if verb.lemma == "wear" and self._visible_nouns.is_person(target):
                return False
        if words.parsed.is_conversational or not LIKENED.isdisjoint(words.lower):
            # "rides into fashion week like a rock star"
            return False
        akin = load_lexicon().actions.same.get(verb.lemma, frozenset({verb.lemma}))
        return all(
            word is verb or word.lemma not in akin or word.pos not in {"VERB", "NOUN"}
            for word in words
        )

    @staticmethod
    def _clause_reaches_verb(subject: Word, verb: Word) -> bool:
        """Whether nothing but the subject with its phrases stands before a finite verb."""
        between = verb.words[subject.i + 1 : verb.i]
        return subject.last == verb.i - 1 and all(
            word.dep not in {"relcl", "acl", "punct", "cc", "conj", "appos"} for word in between
        )

    @staticmethod
    def _participle_modifies(subject: Word, before: Word, verb: Word) -> bool:
        """Whether a participle right behind `before` can only modify the subject."""
        if before is subject or (before.dep == "conj" and before.head is subject):
            return True
        # "a woman in a red dress standing": what she wears does not stand.
        return (
            verb.dep == "acl"
            and verb.head is subject
            and before.dep == "pobj"
            and before.head.head is subject
            and not is_a(before.lemma, "person", "animal", "vehicle")
            and before.lemma not in ("person", "people")
        )

    def _participle(self, words: WordTree, verb: Word) -> Iterator[Proposal]:
        """Something that is not filled, covered or parked."""
        if verb.i == 0 or any(c.dep in {"conj", "neg", "cc"} for c in verb.children):
            return
        prep = next((c for c in verb.rights if c.dep in {"prep", "agent"}), None)
        ground = next((c for c in prep.children if c.dep == "pobj"), None) if prep else None
        if prep is None or prep.i != verb.i + 1 or ground is None or not is_thing(ground.lemma):
            return
        before = words[verb.i - 1]
        thing = verb.head if verb.dep == "acl" else subject_of(verb)
        if thing is None or not self._visible_nouns.is_visible(thing):
            return
        if any(child.dep == "relcl" for child in ground.children):
            return
        behind_noun = verb.dep == "acl" and before == thing and before.pos == "NOUN"
        behind_be = before.lower in BE and before.head == verb
        if behind_noun or behind_be:
            yield insert_not(verb)

    def _predicate(self, words: WordTree, verb: Word) -> Iterator[Proposal]:
        """A quality or place that something does not have."""
        if verb.pos != "AUX" or verb.i + 1 >= len(words) or verb.dep != "ROOT":
            return
        subject = next((c for c in verb.children if c.dep == "nsubj"), None)
        after = words[verb.i + 1]
        if subject is None or subject.i > verb.i or not self._visible_nouns.is_visible(subject):
            return
        if subject.lower == "it" or any(c.dep in {"conj", "neg"} for c in verb.children):
            return
        quality = after.dep == "acomp" and (
            after.lower in self._qualities.by_word or after.lower in self._qualities.colours.words
        )
        place = after.dep == "prep" and after.lower in {"on", "in", "under", "inside", "behind"}
        if place:
            ground = next((c for c in after.children if c.dep == "pobj"), None)
            place = ground is not None and is_thing(ground.lemma)
        if place and is_a(subject.lemma, "building", "place", "structure"):
            # "galleries are in a historic building"
            return
        if place or (quality and not any(after.rights)):
            yield insert_not(after)

    @staticmethod
    def _plays_something(verb: Word) -> bool:
        """Whether what is played, if anything, can be seen: no "shot", no "role"."""
        thing = next((c for c in verb.children if c.dep == "dobj"), None)
        return thing is None or is_thing(thing.lemma)
