"""Wordings that say both what is there and what is not.

From "a man on a horse" it composes "a man on a horse, not on a bicycle", which is as true of
the picture, and the counterfactual in which both phrases exchange places. What is denied
comes from an exclusive class of the lexicon, so that the composed wording stays true.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.core.records import Role
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_form
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import PRONOUNS, is_a, is_plural, is_thing, subject_of, wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.attribute.fixed_phrases import PhraseScaleRule
from pipeline.edits.rules.attribute.picture_style import PictureRule
from pipeline.edits.rules.attribute.rule import AttributeRule
from pipeline.edits.rules.negation.contrast_context import (
    EXCLUDED_BEFORE,
    ContrastContext,
)
from pipeline.edits.rules.negation.contrast_number import NumberContrasts
from pipeline.edits.rules.negation.contrast_thing import ThingContrasts
from pipeline.edits.rules.negation.contrast_wording import (
    ARTICLES,
    NOT,
    RATHER,
    compose,
    pick,
    pick_several,
)
from pipeline.edits.rules.object.people import Policy
from pipeline.edits.rules.relation.rule import RelationRule

if TYPE_CHECKING:
    from spacy.tokens import Doc

MOST = 2
"""Wordings of one caption; more would leave no room for other negations."""
ABOUT_PEOPLE = wordset("gender age_group")
BRIGHT = wordset("red blue green yellow black white")
PICTURE_SUBKINDS = wordset("technique viewpoint")
PLACE_BEHIND_DOING = wordset("on in under near by at next behind along")
BEHIND_PICTURE_WORD = wordset("of by on in with from featuring")
"""Words behind which stands what a picture shows, or who made it and where it is."""
REVERSIBLE_PREPOSITIONS = frozenset(
    ["on", "under", "behind", "below", "above", "inside", "outside"]
    + ["in front of", "next to", "far from"]
)


class ContrastWordings:
    """Composes wordings negated on both sides from things, colours, actions and places."""

    def __init__(self, rule: str, alternatives: int = 1, policy: Policy = "balanced") -> None:
        """Load the word classes.

        Args:
            rule: Name of the rule, for provenance.
            alternatives: Most wordings of one contrast, which differ in what is denied.
            policy: On people; what the rule on attributes found is shared under it.
        """
        relations = load_relations()
        self._rule = rule
        self._alternatives = alternatives
        self._colours = load_lexicon().qualities.colours
        self._attributes = AttributeRule(policy)
        self._phrase_scales = PhraseScaleRule(policy)
        self._exclusive = relations.exclusive
        self._relation = RelationRule()
        self._numbers = NumberContrasts(rule)
        self._animate = relations.nouns["people"] | relations.nouns["animals"] | PRONOUNS
        self._pictures = PictureRule()
        self._context = ContrastContext()
        self._things = ThingContrasts(rule, alternatives, self._context)

    def propose(self, doc: Doc, words: WordTree, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """Yield wordings of the plainest contrasts: of an action, a place, a colour, a thing."""
        for group in islice(self.groups(doc, words, chunks), MOST):
            yield from group

    def groups(
        self, doc: Doc, words: WordTree, chunks: dict[int, Phrase]
    ) -> Iterator[list[Proposal]]:
        """Wordings by what they are about: actions and places first, then colours and things."""
        by_end = {chunk.end: chunk for chunk in chunks.values()}
        actions = (
            p
            for token in words
            if token.tag == "VBG" and token.lemma in self._exclusive
            for p in self._action(words, token)
        )
        coloured = (p for chunk in chunks.values() for p in self._colour(words, chunk))
        for found in (actions, self._place(doc, words, chunks), coloured):
            first = next(found, None)
            if first is not None:
                alike = (p for p in found if p.place == first.place)
                yield [first, *islice(alike, self._alternatives - 1)]
        things = list(self._things.wordings(doc, words, by_end))
        if things:
            yield things
        qualities = list(self._quality(doc, words))
        if qualities:
            yield qualities
        styles = list(self._style(doc, words))
        if styles:
            yield styles
        numbers = self._numbers.wordings(doc)
        if numbers:
            yield numbers[: self._alternatives]

    def _colour(self, words: WordTree, chunk: Phrase) -> Iterator[Proposal]:
        """As in "a red car, not a blue one,"."""
        root = chunk.root
        if len(chunk) < 2 or not self._context.is_simple(chunk) or root.tag not in {"NN", "NNS"}:
            return
        colour = words[root.i - 1]
        name = colour.lower
        if name not in self._colours.words or colour.head != root:
            return
        if sum(t.tag == "JJ" for t in chunk) > 1 or not is_thing(root.lemma):
            return
        if not words.parsed.protected.isdisjoint(range(chunk.start, chunk.end)):
            return
        if is_a(root.lemma, "person", "body", "time", "nature", "place", "landform"):
            return
        fits = [c for c in self._colours.exchanges(name, root.lemma, shaded=False) if c in BRIGHT]
        others = [c for c in fits if c not in words.text]
        if not others:
            return
        link = pick([NOT, RATHER], words.text + "link")
        for other in pick_several(others, words.text, self._alternatives):
            if is_plural(root):
                denied, at = [other, "ones"], 0
            elif chunk[0].lower in {"a", "an"}:
                denied, at = [article_for(other), other, "one"], 1
            elif chunk[0].lower == "the":
                denied, at = ["the", other, "one"], 1
            else:
                return
            yield compose(
                self._rule, words, chunk.end, link, denied, (colour.i, colour.i + 1), at, "colour"
            )

    def _quality(self, doc: Doc, words: WordTree) -> Iterator[Proposal]:
        """As in "a wooden, not metal, bridge"."""
        by_place: dict[int, list[Proposal]] = {}
        for proposal in (*self._attributes.propose(doc), *self._phrase_scales.propose(doc)):
            if proposal.subkind in ABOUT_PEOPLE or " " in proposal.old + proposal.new:
                continue
            if proposal.subkind == "colour" and proposal.new not in BRIGHT:
                continue
            piece = next(p for p in proposal.pieces if p.role is Role.EDIT)
            if _is_directly_before_noun(words, piece.start):
                by_place.setdefault(piece.start, []).append(proposal)
        if not by_place or words.lower.count(",") > 1:
            # A list: its commas and those of the denied word would be mixed up.
            return
        text = words.text
        at_one_place = pick([by_place[start] for start in sorted(by_place)], text)
        for chosen in pick_several(at_one_place, text + "quality", self._alternatives):
            piece = next(p for p in chosen.pieces if p.role is Role.EDIT)
            exchanged = (piece.start, piece.end)
            yield compose(self._rule, words, piece.end, NOT, [chosen.new], exchanged, 0, "quality")

    def _style(self, doc: Doc, words: WordTree) -> Iterator[Proposal]:
        """As in "a drawing, not a photograph, of a cow"."""
        styles = [
            p
            for p in self._pictures.propose(doc)
            if p.subkind in PICTURE_SUBKINDS and len(p.pieces) < 3
        ]
        for proposal in (
            pick_several(styles, words.text + "way", self._alternatives) if styles else ()
        ):
            piece = next(p for p in proposal.pieces if p.role is Role.EDIT)
            behind = words.all[piece.end : piece.end + 1]
            if not behind or not (behind[0].lower in BEHIND_PICTURE_WORD or behind[0].tag == "VBN"):
                continue
            before = words[piece.start - 1].lower if piece.start else ""
            first = words[0].lower
            denied = [first] if first == "the" and piece.start else []
            if first in {"a", "an"} and piece.start:
                denied = [article_for(proposal.new)]
            if before and before not in ARTICLES | self._context.any_noun:
                continue
            names = proposal.new.split()
            yield compose(
                self._rule,
                words,
                piece.end,
                NOT,
                [*denied, *names],
                (piece.start, piece.end),
                len(denied),
                "way",
                width=len(names),
            )

    def _action(self, words: WordTree, verb: Word) -> Iterator[Proposal]:
        """As in "sitting, not standing, on a bench"."""
        subject = subject_of(verb)
        if subject is None or verb.dep not in {"acl", "ROOT"} or verb.i + 1 >= len(words):
            return
        if subject.lemma not in self._animate and not is_a(subject.lemma, "person", "animal"):
            # "for the second year running": no body that stands or runs.
            return
        if is_a(subject.lemma, "pond_fish", "sea_animals") or subject.lemma == "fish":
            # What swims does not stand.
            return
        if any(c.dep in {"conj", "cc", "prt", "dobj", "advmod"} for c in verb.children):
            return
        if words[verb.i + 1].lower not in PLACE_BEHIND_DOING:
            return
        link = pick([NOT, RATHER], words.text + "link")
        for lemma in pick_several(self._exclusive[verb.lemma], words.text, self._alternatives):
            other = verb_form(lemma, "VBG")
            yield compose(
                self._rule, words, verb.i + 1, link, [other], (verb.i, verb.i + 1), 0, "doing"
            )

    def _place(self, doc: Doc, words: WordTree, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "on a table, not under it"."""
        for proposal in self._relation.propose(doc):
            piece = proposal.pieces[0]
            if (
                proposal.new not in REVERSIBLE_PREPOSITIONS
                or proposal.old not in REVERSIBLE_PREPOSITIONS | {"in"}
            ):
                continue
            chunk = chunks.get(piece.end)
            if chunk is None or not self._context.is_simple(chunk) or len(proposal.pieces) > 1:
                continue
            if chunk[0].lower not in {"a", "an", "the"} or piece.text != proposal.new:
                continue
            if proposal.new in {"far from", "next to"} or proposal.subkind == "in_outside":
                continue
            it = "them" if is_plural(chunk.root) else "it"
            target = proposal.new.split()
            yield compose(
                self._rule,
                words,
                chunk.end,
                NOT,
                [*target, it],
                (piece.start, piece.end),
                0,
                "place",
                width=len(target),
            )


def _is_directly_before_noun(words: WordTree, token: int) -> bool:
    """Whether an adjective stands alone before its noun, so that a denied one may follow it."""
    if token + 1 >= len(words):
        return False
    noun, before = words[token + 1], words[token - 1].lower if token else ""
    if noun.tag not in {"NN", "NNS"} or words[token].head.i <= token:
        return False
    return before not in EXCLUDED_BEFORE | {"not", "more", "most", "very"}
