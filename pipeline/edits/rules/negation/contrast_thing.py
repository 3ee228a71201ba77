"""Wordings that deny another thing: "a dog, not a cat, on a beach"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import Role
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.phrases import is_a, is_plural, wordset
from pipeline.edits.parse.word_tree import Phrase, WordTree
from pipeline.edits.rules.negation.contrast_context import REPEATED, ContrastContext
from pipeline.edits.rules.negation.contrast_wording import (
    ARTICLES,
    INSTEAD,
    NOT,
    RATHER,
    Link,
    compose,
    pick,
    pick_several,
)
from pipeline.edits.rules.object.rule import ObjectRule

if TYPE_CHECKING:
    from spacy.tokens import Doc

NEVER_CONTRASTED = ("body", "time", "event", "waters", "seasons", "daytimes")
"""Classes and groups that cannot be seen, or not be distinguished from their like."""
CAMERAS = wordset("camera")
"""Things that a picture is of only when somebody looks into them."""


class ThingContrasts:
    """Composes a thing beside the denied one, and exchanges both."""

    def __init__(self, rule: str, alternatives: int, context: ContrastContext) -> None:
        """Load the rule on objects.

        Args:
            rule: Name of the rule that asks, for provenance.
            alternatives: Most wordings, which differ in what is denied.
            context: Whether a denied thing may stand beside another.
        """
        self._objects = ObjectRule()
        self._rule = rule
        self._alternatives = alternatives
        self._context = context

    def wordings(self, doc: Doc, words: WordTree, by_end: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "a dog, not a cat," "on a horse rather than on a bicycle"."""
        fitting: dict[int, list[Proposal]] = {}
        fits: dict[tuple[int, int], bool] = {}
        for proposal in self._objects.propose(doc):
            piece = (
                proposal.pieces[-1] if proposal.pieces[-1].role is Role.EDIT else proposal.pieces[0]
            )
            chunk = by_end.get(piece.end)
            if piece.text.split()[0].lower() in ARTICLES:
                # A noun without an article takes the place of none beside its own "not a".
                continue
            if piece.text.lower() in CAMERAS or words[piece.end - 1].lemma in CAMERAS:
                continue
            if chunk is None:
                continue
            if _is_uncountable(piece.text) and chunk[0].lower in {"a", "an"}:
                continue
            if self._context.clashes_with_rest(chunk, piece.text.lower()):
                continue
            place = piece.start, piece.end
            if place not in fits:
                fits[place] = (
                    self._context.is_simple(chunk, until=piece.start)
                    and not is_a(chunk.root.lemma, *NEVER_CONTRASTED)
                    and self._context.is_depicted(chunk)
                )
            if fits[place]:
                fitting.setdefault(piece.start, []).append(proposal)
        if not fitting:
            return
        text = words.text
        at_one_place = pick([fitting[start] for start in sorted(fitting)], text)
        for chosen in pick_several(at_one_place, text + "thing", self._alternatives):
            piece = next(p for p in chosen.pieces if p.role is Role.EDIT)
            chunk = by_end[piece.end]
            link, denied = _join(chunk, piece.text, text)
            names = piece.text.split()
            yield compose(
                self._rule,
                words,
                chunk.end,
                link,
                [*denied, *names],
                (piece.start, piece.end),
                len(denied),
                "thing",
                width=len(names),
            )


def _join(chunk: Phrase, name: str, text: str) -> tuple[Link, list[str]]:
    """How a phrase is joined with the denied one, and the words before the denied name."""
    words, root = chunk.words, chunk.root
    first = chunk[0].lower
    noun = load_lexicon().nouns.by_lemma.get(root.lemma)
    mention = words.parsed.mentions.get(root.i)
    several = is_plural(root) or (mention is not None and mention.plural)
    bare = several or (noun is not None and noun.mass)
    headline = not bare and first not in ARTICLES
    behind = words[chunk.end].lower if chunk.end < len(words) else ""
    link = pick([NOT, RATHER, INSTEAD], text + "link")
    if chunk.end < len(words) and not words[chunk.end].is_punct:
        # What follows would seem to belong to the denied noun.
        link = NOT
    if root.dep in {"nsubj", "nsubjpass"} or headline or behind in {"and", "or", "&"}:
        link = NOT
    prep = words[chunk.start - 1] if chunk.start else None
    denied: list[str] = []
    repeated = prep is not None and prep.dep == "prep" and prep.lower in REPEATED
    if prep is not None and repeated and link is not INSTEAD and not headline:
        denied.append(prep.lower)
    if first == "the":
        denied.append("the")
    elif not bare:
        denied.append(article_for(name))
    return link, denied


def _is_uncountable(name: str) -> bool:
    """Whether a noun stands for a mass: no "a sushi", "a milk"."""
    noun = load_lexicon().nouns.by_lemma.get(name)
    return noun is not None and not noun.countable
