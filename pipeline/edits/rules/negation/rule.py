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
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import (
    chunks_by_start,
    content_noun,
    describes,
    is_a,
    is_plural,
    is_thing,
    subject_of,
    wordset,
)
from pipeline.edits.parse.reading import lists_contents
from pipeline.edits.parse.tokens import Phrase, Word, Words, words_of
from pipeline.edits.rules.action.context import is_told_again
from pipeline.edits.rules.negation.contrast import ContrastWordings
from pipeline.edits.rules.negation.things import (
    BE,
    PLACES,
    RULE,
    Sight,
    ThingDenials,
    insert_not,
    negated,
)
from pipeline.edits.rules.object.people import Policy

if TYPE_CHECKING:
    from spacy.tokens import Doc

BODILY = wordset("hang sit stand lie sleep walk float bloom kneel crawl jog laugh smile")
"""Doings without an object; with one, the parse is wrong: "a wall hanging clock"."""
BY_PEOPLE = wordset(
    "line look use speak perform pose listen wait count peek sit talk point stand stretch rise"
)
"""Doings that a picture shows only of people and animals."""
UNDENIED = wordset("rise overlook flank fall crash flow listen wait sway comb")
"""Doings whose lack no picture shows, or that scenery does always: a tower that rises."""
OF_BODIES = wordset("embrace greet hug chase feed")
"""Doings to somebody; with another object they are a figure of speech."""
PARTICLES = wordset("back like as away over")
UNDENIABLE = wordset(
    "somewhere something someone somebody already also too still just almost so such both either "
    "neither nothing nobody hardly only even anything never nor until than as"
)
"""Words that do not go with a "not" in the same sentence, or say something else with it."""
NEGATIVE = frozenset({"without", "no"})
DENIALS = frozenset({"without", "no", "not", "n't", "n’t"})
"""Words that deny already; no other is put beside them."""
LIKENED = frozenset({"like", "as"})
DOUBTS = wordset("or no anymore yet any almost barely hardly")
"""Words that make a negation say something else."""


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
        self._visible = relations.verbs["visible"]
        self._done = relations.verbs["done"]
        self._sight = Sight()
        self._things = ThingDenials(self._sight)
        self._qualities = load_lexicon().qualities
        self._nouns = load_lexicon().nouns
        self._contrast = ContrastWordings(self.name, alternatives, policy)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield one-sided and removed negations, then wordings negated on both sides."""
        words = words_of(doc)
        if not describes(words):
            return
        chunks = chunks_by_start(words)
        plain = list(self._plain(words, chunks))
        yield from plain
        if "neg" in words.reading.deps or not NEGATIVE.isdisjoint(words.lower):
            return
        # Few captions allow a bare negation and many a wording on both sides: where there is
        # one, the others stand back, so that both come about equally often.
        also = zlib.crc32(words.text.encode()) % 3 == 0
        if not plain or also:
            yield from next(self._contrast.groups(doc, words, chunks), ())

    def _plain(self, words: Words, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """Negations that are added or taken away."""
        some = not (UNDENIABLE | DENIALS).isdisjoint(words.lower)
        for token in words:
            word = token.lower
            if some and word not in DENIALS:
                continue
            if word == "with":
                yield from self._things.without(words, token, chunks)
            elif word == "without":
                yield from self._with(words, token, chunks)
            elif word == "there" and token.dep == "expl":
                yield from self._things.there(words, token, chunks)
            elif word in {"not", "n't", "n’t"}:
                yield from self._denied(words, token)
            elif word == "no" and token.dep == "det":
                yield from self._none(words, token)
            elif token.pos == "VERB" and token.tag == "VBN" and token.lemma in self._done:
                yield from self._done_to(words, token)
            elif token.pos == "VERB" and token.lemma in self._visible:
                yield from self._action(words, token)
            elif word in BE:
                yield from self._state(words, token)
            elif word == "and" and token.dep == "cc":
                yield from self._things.joined(words, token, chunks)
            elif word in {"has", "have"}:
                yield from self._things.possession(words, token, chunks)
            elif token.dep == "prep" and (word in PLACES or word == "next"):
                yield from self._things.place(words, token, chunks)

    def _action(self, words: Words, verb: Word) -> Iterator[Proposal]:
        """Somebody or something does not do it."""
        if lists_contents(words.lower):
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
        if is_told_again(words.reading, verb.i, verb.lemma):
            return
        if verb.lemma in BODILY and any(c.dep == "dobj" for c in verb.children):
            return
        if any(
            t.tag == "CC" and (after.tag == verb.tag or after.lower[-3:] == "ing")
            for t, after in pairwise(words[verb.i :])
        ):
            # The parse joins "and dancing" to something else; to a reader both are denied.
            return
        subject = subject_of(verb)
        if subject is None or subject.i > verb.i or not self._sight.is_seen(subject):
            return
        if not self._is_deniable(words, verb, subject, after):
            return
        if verb.lemma in BY_PEOPLE and not self._sight.is_animate(subject):
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
        elif verb.tag == "VBG" and before.pos == "NOUN" and self._described(subject, before, verb):
            if not any(c.dep in {"aux", "auxpass"} for c in verb.children):
                yield insert_not(verb)
        elif verb.tag in {"VBZ", "VBP"} and self._runs_up_to(subject, verb):
            if subject.dep != "nsubj" or (verb.tag == "VBZ") is is_plural(subject):
                return
            if verb.tag == "VBP" and not (is_plural(subject) or subject.lemma == "people"):
                return
            helper = "does not" if verb.tag == "VBZ" else "do not"
            base = verb.lemma
            yield negated(
                "one_sided",
                TokenPiece(verb.i, verb.i + 1, f"{helper} {base}"),
                verb.text,
                f"{helper} {base}",
            )

    def _is_deniable(self, words: Words, verb: Word, subject: Word, after: Word | None) -> bool:
        """Whether a picture shows that it is not done, and nothing else tells that it is."""
        if verb.lemma in UNDENIED or (after is not None and after.tag == "VBG"):
            # "celebrate raising money", "skate boarding"
            return False
        target = next((c for c in verb.children if c.dep == "dobj"), None)
        if target is not None:
            if verb.lemma == "celebrate" or (
                verb.lemma in OF_BODIES and not self._sight.is_animate(target)
            ):
                return False
            if verb.lemma == "carry" and is_a(content_noun(subject).lemma, "vehicle"):
                # "a bus not carrying the team": who is in it is not seen.
                return False
            if verb.lemma == "wear" and self._sight.is_person(target):
                return False
        if words.reading.chats or not LIKENED.isdisjoint(words.lower):
            # "rides into fashion week like a rock star"
            return False
        akin = load_lexicon().actions.same.get(verb.lemma, frozenset({verb.lemma}))
        return all(
            word is verb or word.lemma not in akin or word.pos not in {"VERB", "NOUN"}
            for word in words
        )

    @staticmethod
    def _runs_up_to(subject: Word, verb: Word) -> bool:
        """Whether nothing but the subject with its phrases stands before a finite verb."""
        between = verb.words[subject.i + 1 : verb.i]
        return subject.last == verb.i - 1 and all(
            word.dep not in {"relcl", "acl", "punct", "cc", "conj", "appos"} for word in between
        )

    @staticmethod
    def _described(subject: Word, before: Word, verb: Word) -> bool:
        """Whether a participle right behind `before` can only be said of the subject."""
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

    def _done_to(self, words: Words, verb: Word) -> Iterator[Proposal]:
        """Something that is not filled, covered or parked."""
        if verb.i == 0 or any(c.dep in {"conj", "neg", "cc"} for c in verb.children):
            return
        prep = next((c for c in verb.rights if c.dep in {"prep", "agent"}), None)
        ground = next((c for c in prep.children if c.dep == "pobj"), None) if prep else None
        if prep is None or prep.i != verb.i + 1 or ground is None or not is_thing(ground.lemma):
            return
        before = words[verb.i - 1]
        thing = verb.head if verb.dep == "acl" else subject_of(verb)
        if thing is None or not self._sight.is_seen(thing):
            return
        if any(child.dep == "relcl" for child in ground.children):
            return
        behind_noun = verb.dep == "acl" and before == thing and before.pos == "NOUN"
        behind_be = before.lower in BE and before.head == verb
        if behind_noun or behind_be:
            yield insert_not(verb)

    def _state(self, words: Words, verb: Word) -> Iterator[Proposal]:
        """A quality or place that something does not have."""
        if verb.pos != "AUX" or verb.i + 1 >= len(words) or verb.dep != "ROOT":
            return
        subject = next((c for c in verb.children if c.dep == "nsubj"), None)
        after = words[verb.i + 1]
        if subject is None or subject.i > verb.i or not self._sight.is_seen(subject):
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

    def _with(self, words: Words, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "without a hat" → "with a hat"."""
        chunk = chunks.get(prep.i + 1)
        if chunk is None or prep.i == 0 or not DOUBTS.isdisjoint(t.lower for t in words):
            return
        root = chunk.root
        if not is_thing(root.lemma) or chunk[0].lower in {"any", "the"}:
            return
        if any(child.dep in {"conj", "cc"} for child in root.children):
            return
        needs = len(chunk) == 1 and root.tag == "NN" and self._nouns.by_lemma[root.lemma].countable
        word = f"with {article_for(root.text)}" if needs else "with"
        yield negated(
            "removed",
            TokenPiece(prep.i, prep.i + 1, word),
            f"without {root.text}",
            f"with {root.text}",
        )

    def _denied(self, words: Words, word: Word) -> Iterator[Proposal]:
        """A "not" before something visible goes away."""
        verb = word.head
        if word.dep != "neg" or word.i + 1 >= len(words):
            return
        if not DOUBTS.isdisjoint(t.lower for t in words):
            return
        after = words[word.i + 1]
        doing = verb.pos == "VERB" and verb.lemma in self._visible and verb.tag == "VBG"
        state = after.dep == "acomp" and after.lower in self._qualities.by_word
        if not (doing and after == verb) and not state:
            return
        if not words[word.i - 1].space:
            # "isn't" is two tokens without a space: the pair is replaced as one.
            piece = TokenPiece(word.i - 1, word.i + 1, words[word.i - 1].text)
        else:
            piece = TokenPiece(word.i, word.i + 1, "")
        yield negated("removed", piece, f"{word.text} {after.text}", after.text)

    def _none(self, words: Words, word: Word) -> Iterator[Proposal]:
        """A "no" before something visible goes away."""
        noun = word.head
        if not is_thing(noun.lemma) or noun.i - word.i > 3 or word.i == 0:
            return
        if words[word.i - 1].lower not in {"with", "is", "are", "has", "have", "wearing"}:
            return
        if any(child.dep in {"conj", "cc"} for child in noun.children):
            return
        new = "" if is_plural(noun) else article_for(words[word.i + 1].text)
        yield negated("removed", TokenPiece(word.i, word.i + 1, new), f"no {noun.text}", noun.text)
