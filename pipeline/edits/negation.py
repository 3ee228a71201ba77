"""Negation about something visible: added, removed, or moved between two sides.

A bare "not" gives the counterfactual away, so half of the proposals carry their own factual
wording that is negated too: "a man on a horse, not on a bicycle" against "a man on a
bicycle, not on a horse".
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.edits.contrast import ContrastWordings
from pipeline.edits.grammar import article_for
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.phrases import (
    chunks_by_start,
    content_noun,
    describes,
    is_a,
    is_plural,
    is_thing,
    load_relations,
    subject_of,
    wordset,
)
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.words import Phrase, Word, Words, words_of
from pipeline.records import EditKind

if TYPE_CHECKING:
    from spacy.tokens import Doc

BE = frozenset({"is", "are", "was", "were", "'s", "'re"})
REMOVABLE_BODY = wordset("beard mustache moustache tattoo smile wing horn ponytail braid")
UNSEEN = ("time", "body")
BODILY = wordset("hang sit stand lie sleep walk float bloom kneel crawl jog laugh smile")
"""Doings without an object; with one, the parse is wrong: "a wall hanging clock"."""
LOOSE_WITH = wordset("cover fill decorate pack surround line play work deal do make mix go come")
SOME = wordset("a an some many several")
DOUBTS = wordset("or no anymore yet any almost barely hardly")
"""Words that make a negation say something else."""
NOT_WITHOUT = wordset("sun moon sky text name color colour")


class NegationRule:
    """Adds, removes or moves a "not", "no" or "without"."""

    name = "negation"
    kind = EditKind.NEGATION

    def __init__(self) -> None:
        relations = load_relations()
        self._visible = relations.verbs["visible"]
        self._done = relations.verbs["done"]
        self._calm = relations.verbs["posture"] | relations.verbs["walk"]
        self._animate = relations.nouns["people"] | relations.nouns["animals"]
        self._qualities = load_lexicon().qualities
        self._nouns = load_lexicon().nouns
        self._contrast = ContrastWordings(self.name)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield one-sided and removed negations, then wordings negated on both sides."""
        words = words_of(doc)
        if not describes(words):
            return
        chunks = chunks_by_start(words)
        for token in words:
            word = token.lower
            if word == "with":
                yield from self._without(words, token, chunks)
            elif word == "without":
                yield from self._with(words, token, chunks)
            elif word == "there" and token.dep == "expl":
                yield from self._there(words, token, chunks)
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
        if "neg" not in words.reading.deps and {"without", "no"}.isdisjoint(words.lower):
            yield from self._contrast.propose(doc, words, chunks)

    def _proposal(self, subkind: str, piece: TokenPiece, old: str, new: str) -> Proposal:
        # Wordings on both sides fit most captions, so that a bare negation is drawn where it fits.
        return Proposal(
            EditKind.NEGATION, subkind, (piece,), old.lower(), new.lower(), self.name, weight=3.0
        )

    def _insert_not(self, token: Word) -> Proposal:
        """A "not" right before a word."""
        return self._proposal(
            "one_sided", TokenPiece(token.i, token.i, "not"), token.text, f"not {token.text}"
        )

    def _action(self, words: Words, verb: Word) -> Iterator[Proposal]:
        """Somebody or something does not do it."""
        if any(c.dep in {"conj", "neg", "cc", "prt"} for c in verb.children):
            return
        if verb.i + 1 < len(words) and words[verb.i + 1].lower in {"and", "or", "-", "down", "up"}:
            return
        if (
            verb.dep in {"conj", "amod", "compound", "xcomp", "pcomp", "advcl", "ccomp", "relcl"}
            or not verb.i
        ):
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
        if subject is None or subject.i > verb.i or not self._is_seen(subject):
            return
        before = words[verb.i - 1]
        if verb.tag == "VBG" and before.lower in BE and before.head == verb:
            yield self._insert_not(verb)
        elif verb.tag == "VBG" and before.pos == "NOUN" and before.i == subject.i:
            if not any(c.dep in {"aux", "auxpass"} for c in verb.children):
                yield self._insert_not(verb)
        elif verb.tag in {"VBZ", "VBP"} and before.i == subject.i:
            if subject.dep != "nsubj" or (verb.tag == "VBZ") is is_plural(subject):
                return
            if verb.tag == "VBP" and not (is_plural(subject) or subject.lemma == "people"):
                return
            helper = "does not" if verb.tag == "VBZ" else "do not"
            base = verb.lemma
            yield self._proposal(
                "one_sided",
                TokenPiece(verb.i, verb.i + 1, f"{helper} {base}"),
                verb.text,
                f"{helper} {base}",
            )

    def _done_to(self, words: Words, verb: Word) -> Iterator[Proposal]:
        """Something that is not filled, covered or parked."""
        if verb.i == 0 or any(c.dep in {"conj", "neg", "cc"} for c in verb.children):
            return
        if not any(c.dep in {"prep", "agent"} and c.i == verb.i + 1 for c in verb.rights):
            return
        before = words[verb.i - 1]
        thing = verb.head if verb.dep == "acl" else subject_of(verb)
        if thing is None or not self._is_seen(thing):
            return
        behind_noun = verb.dep == "acl" and before == thing and before.pos == "NOUN"
        behind_be = before.lower in BE and before.head == verb
        if behind_noun or behind_be:
            yield self._insert_not(verb)

    def _is_seen(self, noun: Word) -> bool:
        """Whether a noun is a visible thing or person."""
        lemmas = (noun.lemma, content_noun(noun).lemma)
        return noun.lower in {"he", "she", "they", "it"} or any(
            word in self._animate or is_thing(word) for word in lemmas
        )

    def _state(self, words: Words, verb: Word) -> Iterator[Proposal]:
        """A quality or place that something does not have."""
        if verb.pos != "AUX" or verb.i + 1 >= len(words) or verb.dep != "ROOT":
            return
        subject = next((c for c in verb.children if c.dep == "nsubj"), None)
        after = words[verb.i + 1]
        if subject is None or subject.i > verb.i or not self._is_seen(subject):
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
        if place or (quality and not any(after.rights)):
            yield self._insert_not(after)

    def _without(self, words: Words, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "with a hat" → "without a hat"."""
        chunk = chunks.get(prep.i + 1)
        if chunk is None or prep.dep != "prep" or prep.i == 0:
            return
        holder = prep.head
        if holder.pos == "VERB":
            if holder.tag == "VB" or holder.lemma not in self._calm or holder.lemma in LOOSE_WITH:
                return
        elif holder.pos not in {"NOUN", "PROPN", "PRON"} or holder.i > prep.i:
            return
        if not self._removable(words, chunk):
            return
        first = chunk[0].lower
        noun = chunk.root.lemma
        bare = first not in {"a", "an", "his", "her", "their", "its"}
        word = "with no" if bare and prep.i % 2 else "without"
        yield self._proposal(
            "one_sided",
            TokenPiece(prep.i, prep.i + 1, word),
            f"with {noun}",
            f"{word} {noun}",
        )

    def _removable(self, words: Words, chunk: Phrase) -> bool:
        """Whether a phrase names one visible thing that could as well be missing."""
        root = chunk.root
        word = root.lemma
        if not is_thing(word) or word in NOT_WITHOUT:
            return False
        if is_a(word, *UNSEEN) and word not in REMOVABLE_BODY:
            return False
        for token in chunk.before:
            if token.tag not in {"DT", "PRP$", "NN"} or token.lower in {"the", "this", "that"}:
                return False
        if len(chunk) == 1 and root.tag == "NN" and word in self._animate:
            return False
        if any(child.dep in {"conj", "cc", "appos"} for child in root.children):
            return False
        if any(child.dep == "prep" and child.lower == "of" for child in root.children):
            return False
        after = words[chunk.end] if chunk.end < len(words) else None
        return after is None or not (
            after.tag in {"VBN", "JJ", "HYPH", "POS", "CC", "RB", "NN", "NNS"}
            or after.lower in {"on", "of", "and", "or", ",", "to", "around", "over"}
        )

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
        yield self._proposal(
            "removed",
            TokenPiece(prep.i, prep.i + 1, word),
            f"without {root.text}",
            f"with {root.text}",
        )

    def _there(self, words: Words, there: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "there are boats" → "there are no boats"."""
        verb = there.head
        if verb.i != there.i + 1 or verb.lower not in BE:
            return
        chunk = chunks.get(verb.i + 1)
        if chunk is None or not is_thing(chunk.root.lemma):
            return
        if any(child.dep == "conj" for child in chunk.root.children):
            return
        first = chunk[0]
        if first.lower in SOME and len(chunk) > 1:
            piece = TokenPiece(first.i, first.i + 1, "no")
            yield self._proposal("one_sided", piece, first.text, "no")
        elif is_plural(chunk.root) and first.tag in {"NNS", "JJ", "NN"}:
            piece = TokenPiece(first.i, first.i, "no")
            yield self._proposal("one_sided", piece, chunk.root.text, f"no {chunk.root.text}")

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
        yield self._proposal("removed", piece, f"{word.text} {after.text}", after.text)

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
        yield self._proposal(
            "removed", TokenPiece(word.i, word.i + 1, new), f"no {noun.text}", noun.text
        )
