"""Negation about something visible: added, removed, or moved between two sides.

A bare "not" gives the counterfactual away, so half of the proposals carry their own factual
wording that is negated too: "a man on a horse, not on a bicycle" against "a man on a
bicycle, not on a horse".
"""

from __future__ import annotations

from collections.abc import Iterator
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
    lemma,
    load_relations,
    subject_of,
    wordset,
)
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import read
from pipeline.records import EditKind

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

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
        if not describes(doc):
            return
        chunks = chunks_by_start(doc)
        reading = read(doc)
        words = zip(doc, reading.lower, reading.pos, reading.tags, strict=True)
        for token, word, part, tag in words:
            if word == "with":
                yield from self._without(doc, token, chunks)
            elif word == "without":
                yield from self._with(doc, token, chunks)
            elif word == "there" and token.dep_ == "expl":
                yield from self._there(doc, token, chunks)
            elif word in {"not", "n't", "n’t"}:
                yield from self._denied(doc, token)
            elif word == "no" and token.dep_ == "det":
                yield from self._none(doc, token)
            elif part == "VERB" and tag == "VBN" and lemma(token) in self._done:
                yield from self._done_to(doc, token)
            elif part == "VERB" and lemma(token) in self._visible:
                yield from self._action(doc, token)
            elif word in BE:
                yield from self._state(doc, token)
        if "neg" not in reading.deps and not {"without", "no"} & set(reading.lower):
            yield from self._contrast.propose(doc, chunks)

    def _proposal(self, subkind: str, piece: TokenPiece, old: str, new: str) -> Proposal:
        # Wordings on both sides fit most captions, so that a bare negation is drawn where it fits.
        return Proposal(
            EditKind.NEGATION, subkind, (piece,), old.lower(), new.lower(), self.name, weight=3.0
        )

    def _insert_not(self, token: Token) -> Proposal:
        """A "not" right before a word."""
        return self._proposal(
            "one_sided", TokenPiece(token.i, token.i, "not"), token.text, f"not {token.text}"
        )

    def _action(self, doc: Doc, verb: Token) -> Iterator[Proposal]:
        """Somebody or something does not do it."""
        if any(c.dep_ in {"conj", "neg", "cc", "prt"} for c in verb.children):
            return
        if verb.i + 1 < len(doc) and doc[verb.i + 1].lower_ in {"and", "or", "-", "down", "up"}:
            return
        if (
            verb.dep_ in {"conj", "amod", "compound", "xcomp", "pcomp", "advcl", "ccomp", "relcl"}
            or not verb.i
        ):
            return
        if lemma(verb) in BODILY and any(c.dep_ == "dobj" for c in verb.children):
            return
        if any(
            t.tag_ == "CC" and (t.nbor().tag_ == verb.tag_ or t.nbor().lower_[-3:] == "ing")
            for t in doc[verb.i : len(doc) - 1]
        ):
            # The parse joins "and dancing" to something else; to a reader both are denied.
            return
        subject = subject_of(verb)
        if subject is None or subject.i > verb.i or not self._is_seen(subject):
            return
        before = doc[verb.i - 1]
        if verb.tag_ == "VBG" and before.lower_ in BE and before.head == verb:
            yield self._insert_not(verb)
        elif verb.tag_ == "VBG" and before.pos_ == "NOUN" and before.i == subject.i:
            if not any(c.dep_ in {"aux", "auxpass"} for c in verb.children):
                yield self._insert_not(verb)
        elif verb.tag_ in {"VBZ", "VBP"} and before.i == subject.i:
            if subject.dep_ != "nsubj" or (verb.tag_ == "VBZ") is is_plural(subject):
                return
            if verb.tag_ == "VBP" and not (is_plural(subject) or lemma(subject) == "people"):
                return
            helper = "does not" if verb.tag_ == "VBZ" else "do not"
            base = lemma(verb)
            yield self._proposal(
                "one_sided",
                TokenPiece(verb.i, verb.i + 1, f"{helper} {base}"),
                verb.text,
                f"{helper} {base}",
            )

    def _done_to(self, doc: Doc, verb: Token) -> Iterator[Proposal]:
        """Something that is not filled, covered or parked."""
        if verb.i == 0 or any(c.dep_ in {"conj", "neg", "cc"} for c in verb.children):
            return
        if not any(c.dep_ in {"prep", "agent"} and c.i == verb.i + 1 for c in verb.rights):
            return
        before = doc[verb.i - 1]
        thing = verb.head if verb.dep_ == "acl" else subject_of(verb)
        if thing is None or not self._is_seen(thing):
            return
        behind_noun = verb.dep_ == "acl" and before == thing and before.pos_ == "NOUN"
        behind_be = before.lower_ in BE and before.head == verb
        if behind_noun or behind_be:
            yield self._insert_not(verb)

    def _is_seen(self, noun: Token) -> bool:
        """Whether a noun is a visible thing or person."""
        words = (lemma(noun), lemma(content_noun(noun)))
        return noun.lower_ in {"he", "she", "they", "it"} or any(
            word in self._animate or is_thing(word) for word in words
        )

    def _state(self, doc: Doc, verb: Token) -> Iterator[Proposal]:
        """A quality or place that something does not have."""
        if verb.pos_ != "AUX" or verb.i + 1 >= len(doc) or verb.dep_ != "ROOT":
            return
        subject = next((c for c in verb.children if c.dep_ == "nsubj"), None)
        after = doc[verb.i + 1]
        if subject is None or subject.i > verb.i or not self._is_seen(subject):
            return
        if subject.lower_ == "it" or any(c.dep_ in {"conj", "neg"} for c in verb.children):
            return
        quality = after.dep_ == "acomp" and (
            after.lower_ in self._qualities.by_word or after.lower_ in self._qualities.colours.words
        )
        place = after.dep_ == "prep" and after.lower_ in {"on", "in", "under", "inside", "behind"}
        if place:
            ground = next((c for c in after.children if c.dep_ == "pobj"), None)
            place = ground is not None and is_thing(lemma(ground))
        if place or (quality and not any(after.rights)):
            yield self._insert_not(after)

    def _without(self, doc: Doc, prep: Token, chunks: dict[int, Span]) -> Iterator[Proposal]:
        """As in "with a hat" → "without a hat"."""
        chunk = chunks.get(prep.i + 1)
        if chunk is None or prep.dep_ != "prep" or prep.i == 0:
            return
        holder = prep.head
        if holder.pos_ == "VERB":
            if (
                holder.tag_ == "VB"
                or lemma(holder) not in self._calm
                or lemma(holder) in LOOSE_WITH
            ):
                return
        elif holder.pos_ not in {"NOUN", "PROPN", "PRON"} or holder.i > prep.i:
            return
        if not self._removable(doc, chunk):
            return
        first = chunk[0].lower_
        noun = lemma(chunk.root)
        bare = first not in {"a", "an", "his", "her", "their", "its"}
        word = "with no" if bare and prep.i % 2 else "without"
        yield self._proposal(
            "one_sided",
            TokenPiece(prep.i, prep.i + 1, word),
            f"with {noun}",
            f"{word} {noun}",
        )

    def _removable(self, doc: Doc, chunk: Span) -> bool:
        """Whether a phrase names one visible thing that could as well be missing."""
        root = chunk.root
        word = lemma(root)
        if not is_thing(word) or word in NOT_WITHOUT:
            return False
        if is_a(word, *UNSEEN) and word not in REMOVABLE_BODY:
            return False
        for token in chunk[:-1]:
            if token.tag_ not in {"DT", "PRP$", "NN"} or token.lower_ in {"the", "this", "that"}:
                return False
        if len(chunk) == 1 and root.tag_ == "NN" and word in self._animate:
            return False
        if any(child.dep_ in {"conj", "cc", "appos"} for child in root.children):
            return False
        if any(child.dep_ == "prep" and child.lower_ == "of" for child in root.children):
            return False
        after = doc[chunk.end] if chunk.end < len(doc) else None
        return after is None or not (
            after.tag_ in {"VBN", "JJ", "HYPH", "POS", "CC", "RB", "NN", "NNS"}
            or after.lower_ in {"on", "of", "and", "or", ",", "to", "around", "over"}
        )

    def _with(self, doc: Doc, prep: Token, chunks: dict[int, Span]) -> Iterator[Proposal]:
        """As in "without a hat" → "with a hat"."""
        chunk = chunks.get(prep.i + 1)
        if chunk is None or prep.i == 0 or not DOUBTS.isdisjoint(t.lower_ for t in doc):
            return
        root = chunk.root
        if not is_thing(lemma(root)) or chunk[0].lower_ in {"any", "the"}:
            return
        if any(child.dep_ in {"conj", "cc"} for child in root.children):
            return
        needs = (
            len(chunk) == 1 and root.tag_ == "NN" and self._nouns.by_lemma[lemma(root)].countable
        )
        word = f"with {article_for(root.text)}" if needs else "with"
        yield self._proposal(
            "removed",
            TokenPiece(prep.i, prep.i + 1, word),
            f"without {root.text}",
            f"with {root.text}",
        )

    def _there(self, doc: Doc, there: Token, chunks: dict[int, Span]) -> Iterator[Proposal]:
        """As in "there are boats" → "there are no boats"."""
        verb = there.head
        if verb.i != there.i + 1 or verb.lower_ not in BE:
            return
        chunk = chunks.get(verb.i + 1)
        if chunk is None or not is_thing(lemma(chunk.root)):
            return
        if any(child.dep_ == "conj" for child in chunk.root.children):
            return
        first = chunk[0]
        if first.lower_ in SOME and len(chunk) > 1:
            piece = TokenPiece(first.i, first.i + 1, "no")
            yield self._proposal("one_sided", piece, first.text, "no")
        elif is_plural(chunk.root) and first.tag_ in {"NNS", "JJ", "NN"}:
            piece = TokenPiece(first.i, first.i, "no")
            yield self._proposal("one_sided", piece, chunk.root.text, f"no {chunk.root.text}")

    def _denied(self, doc: Doc, word: Token) -> Iterator[Proposal]:
        """A "not" before something visible goes away."""
        verb = word.head
        if word.dep_ != "neg" or word.i + 1 >= len(doc):
            return
        if not DOUBTS.isdisjoint(t.lower_ for t in doc):
            return
        after = doc[word.i + 1]
        doing = verb.pos_ == "VERB" and lemma(verb) in self._visible and verb.tag_ == "VBG"
        state = after.dep_ == "acomp" and after.lower_ in self._qualities.by_word
        if not (doing and after == verb) and not state:
            return
        if not doc[word.i - 1].whitespace_:
            # "isn't" is two tokens without a space: the pair is replaced as one.
            piece = TokenPiece(word.i - 1, word.i + 1, doc[word.i - 1].text)
        else:
            piece = TokenPiece(word.i, word.i + 1, "")
        yield self._proposal("removed", piece, f"{word.text} {after.text}", after.text)

    def _none(self, doc: Doc, word: Token) -> Iterator[Proposal]:
        """A "no" before something visible goes away."""
        noun = word.head
        if not is_thing(lemma(noun)) or noun.i - word.i > 3 or word.i == 0:
            return
        if doc[word.i - 1].lower_ not in {"with", "is", "are", "has", "have", "wearing"}:
            return
        if any(child.dep_ in {"conj", "cc"} for child in noun.children):
            return
        new = "" if is_plural(noun) else article_for(doc[word.i + 1].text)
        yield self._proposal(
            "removed", TokenPiece(word.i, word.i + 1, new), f"no {noun.text}", noun.text
        )
