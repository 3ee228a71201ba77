"""Wordings that say both what is there and what is not.

From "a man on a horse" it composes "a man on a horse, not on a bicycle", which is as true of
the picture, and the counterfactual in which both phrases exchange places. What is denied is what
an edit of another rule would put there, so that the composed wording stays true.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_form
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import is_a, is_plural, subject_of
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.attribute.fixed_phrases import PhraseScaleRule
from pipeline.edits.rules.attribute.rule import AttributeRule
from pipeline.edits.rules.count.rule import CountRule
from pipeline.edits.rules.count.words import NUMBERS
from pipeline.edits.rules.negation.contrast_context import (
    BEFORE_LIST,
    REPEATED,
    fits_beside_denied,
)
from pipeline.edits.rules.negation.contrast_wording import (
    INSTEAD,
    NOT,
    RATHER,
    Contrast,
    composed,
    pick,
    pick_several,
)
from pipeline.edits.rules.object.people import Policy
from pipeline.edits.rules.object.rule import ObjectRule

if TYPE_CHECKING:
    from spacy.tokens import Doc

UNSTANDING = ("sea_animals", "pond_fish", "wild_birds", "water_birds", "birds_at_large")
"""Animals that do not stand, or whose standing looks like sitting."""
ARTICLES = frozenset({"a", "an", "the"})
ABOUT_PEOPLE = frozenset({"gender", "age_group"})
BEHIND_COUNTED = frozenset({"IN", "VBG", "VBZ", "VBP", "VBN", ",", ".", "TO", "WDT", "WP", "RB"})
"""Tags behind a noun phrase that has come to its end."""


class Contrasts:
    """Composes wordings negated on both sides from actions, things, qualities and numbers."""

    def __init__(self, rule: str, alternatives: int, policy: Policy) -> None:
        """Load the rules whose edits are denied.

        Args:
            rule: Name of the rule that asks, for provenance.
            alternatives: Most wordings, which differ in what is denied.
            policy: On people; what the rule on attributes found is shared under it.
        """
        self._rule = rule
        self._alternatives = alternatives
        self._attributes = AttributeRule(policy), PhraseScaleRule(policy)
        self._objects = ObjectRule()
        self._counts = CountRule()

    def wordings(self, doc: Doc, words: WordTree) -> Iterator[Proposal]:
        """Yield wordings of one contrast: the plainest sort that the caption offers, one place."""
        for find in (_doings, self._things, self._qualities, self._numbers):
            by_place: dict[int, list[Contrast]] = {}
            for contrast in find(doc, words):
                by_place.setdefault(contrast.edit.start, []).append(contrast)
            if by_place:
                place = pick([by_place[start] for start in sorted(by_place)], words.text)
                seed = words.text + place[0].what
                for contrast in pick_several(place, seed, self._alternatives):
                    yield composed(contrast, doc, self._rule)
                return

    def _things(self, doc: Doc, words: WordTree) -> Iterator[Contrast]:
        """As in "a dog, not a cat," "on a horse rather than on a bicycle"."""
        by_end = {chunk.end: chunk for chunk in words.chunks}
        fits: dict[int, bool] = {}
        for proposal in self._objects.propose(doc):
            found = Contrast("thing", proposal, 0)
            edit = found.edit
            chunk = by_end.get(edit.end)
            if chunk is None or edit.text.split()[0].lower() in ARTICLES:
                # A noun without an article takes the place of none beside its own "not a".
                continue
            known = load_lexicon().nouns.by_lemma.get(edit.text)
            if known is not None and known.mass and chunk[0].lower in {"a", "an"}:
                continue
            if edit.start not in fits:
                fits[edit.start] = fits_beside_denied(chunk, edit.start)
            if fits[edit.start] and edit.text.lower() not in load_relations().unlikely.get(
                chunk.root.lemma, ()
            ):
                yield _joined(found, chunk)

    def _qualities(self, doc: Doc, words: WordTree) -> Iterator[Contrast]:
        """As in "a wooden, not metal, bridge"."""
        if words.lower.count(",") > 1:
            # A list: its commas and those of the denied word would be mixed up.
            return
        for rule in self._attributes:
            for proposal in rule.propose(doc):
                found = Contrast("quality", proposal, 0)
                start, end = found.edit.start, found.edit.end
                one_word = end == start + 1 and " " not in found.edit.text
                if proposal.subkind in ABOUT_PEOPLE or not one_word or end == len(words):
                    continue
                noun, before = words[end], words.lower[start - 1] if start else ""
                if noun.tag not in {"NN", "NNS"} or words[start].head.i < start:
                    continue
                if before not in BEFORE_LIST | {"more", "most", "very"}:
                    yield Contrast("quality", proposal, end)

    def _numbers(self, doc: Doc, words: WordTree) -> Iterator[Contrast]:
        """As in "three boats, not five, on a lake"."""
        for proposal in self._counts.propose(doc):
            found = Contrast("number", proposal, 0)
            number, *noun = proposal.old.split()
            if not {number, found.edit.text} <= NUMBERS.keys():
                continue
            end, said = found.edit.end, proposal.wording or doc
            while end < len(said) and said[end - len(noun) : end].text.lower().split() != noun:
                end += 1
            behind = words[end - len(said) + len(doc)] if end < len(said) else None
            if behind is None or behind.tag in BEHIND_COUNTED and behind.lower not in {"of", "per"}:
                yield Contrast("number", proposal, end)


def _doings(doc: Doc, words: WordTree) -> Iterator[Contrast]:
    """As in "sitting, not standing, on a bench"."""
    exclusive, table = load_relations().exclusive, load_negation()
    for verb in words:
        if verb.tag != "VBG" or verb.lemma not in exclusive or verb.dep not in {"acl", "ROOT"}:
            continue
        subject = subject_of(verb)
        behind = words[verb.i + 1].lower if verb.i + 1 < len(words) else ""
        if subject is None or behind not in table.behind_doing:
            continue
        if not is_a(subject.lemma, "person", "animal") or is_a(subject.lemma, *UNSTANDING):
            # "for the second year running": no body that stands or runs.
            continue
        if any(c.dep in {"conj", "cc", "prt", "dobj", "advmod"} for c in verb.children):
            continue
        if behind == "in" and any(is_a(w.lemma, "furniture") for w in words[verb.i + 2 :][:4]):
            # "standing in chairs"
            continue
        for lemma in exclusive[verb.lemma]:
            piece = TokenPiece(verb.i, verb.i + 1, verb_form(lemma, "VBG"))
            edit = Proposal(EditKind.ACTION, "", (piece,), verb.lower, piece.text, "")
            yield Contrast("doing", edit, verb.i + 1, pick([NOT, RATHER], words.text + "link"))


def _joined(contrast: Contrast, chunk: Phrase) -> Contrast:
    """How a phrase is joined with the denied one, and the words before the denied name."""
    words, root, text = chunk.words, chunk.root, contrast.edit.text
    first = chunk[0].lower
    mention = words.parsed.mentions.get(root.i)
    bare = is_plural(root) or (mention is not None and (mention.plural or mention.noun.mass))
    headline = not bare and first not in ARTICLES
    behind: Word | None = words[chunk.end] if chunk.end < len(words) else None
    link = pick([NOT, RATHER, INSTEAD], words.text + "link")
    if root.dep in {"nsubj", "nsubjpass"} or headline or behind and not behind.is_punct:
        # What follows would seem to belong to the denied noun.
        link = NOT
    before: list[str] = []
    prep = words[chunk.start - 1] if chunk.start else None
    repeated = prep is not None and prep.dep == "prep" and prep.lower in REPEATED
    if prep is not None and repeated and link is not INSTEAD and not headline:
        before.append(prep.lower)
    if first == "the":
        before.append("the")
    elif not bare and not (headline and chunk.start):
        before.append(article_for(text))
    return Contrast("thing", contrast.proposal, chunk.end, link, tuple(before))
