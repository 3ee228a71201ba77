"""Causal statements composed of two events and a connective, with cause and effect exchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.connectives import Connective
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.word_tree import WordTree

SLOT = re.compile(r"\{(\w+)\}")
TOKEN = re.compile(r"[^\s,]+|,")


@dataclass(frozen=True, slots=True)
class Event:
    """A visible event, in the two forms that connectives ask for.

    Attributes:
        clause: A sentence without its stop: "the street is wet".
        nominal: A noun phrase: "the wet street", "the rain".
        plural: Whether the nominal takes a verb in the plural.
    """

    clause: str
    nominal: str
    plural: bool = False

    def said(self, form: str) -> str:
        """One of the two: "clause" or "nominal"."""
        return self.clause if form == "clause" else self.nominal


def compose_events(
    words: WordTree,
    effect: Event,
    cause: Event,
    connective: Connective,
    *,
    rule: str,
) -> Proposal:
    """Word "effect because cause" or "cause results in effect", and its swap.

    Args:
        words: Gives the vocabulary, first letter and last stop.
        effect: The effect.
        cause: The cause.
        connective: How they are joined.
        rule: Name of the rule, for provenance.
    """
    from spacy.tokens import Doc as SpacyDoc

    first, second = (effect, cause) if connective.effect_first else (cause, effect)
    forms = (connective.effect, connective.cause)
    first_form, second_form = forms if connective.effect_first else forms[::-1]
    factual = (first.said(first_form), second.said(second_form))
    swapped = (second.said(first_form), first.said(second_form))
    plural = (first.plural, second.plural)
    link, other_link = (_agree(connective.words, many) for many in plural)
    upper = words.text[:1].isupper()
    before, between = _tokens(cased(factual[0], upper)), _tokens(link)
    after = _tokens(factual[1])
    stop = ["."] if words.text.rstrip().endswith(".") else []
    texts = [*before, *between, *after, *stop]
    wording = SpacyDoc(words.vocab, words=texts, spaces=_spaces(texts))
    start = len(before) + len(between)
    pieces = [
        TokenPiece(0, len(before), cased(swapped[0], upper)),
        TokenPiece(start, start + len(after), swapped[1]),
    ]
    for offset, (old, new) in enumerate(zip(between, _tokens(other_link), strict=True)):
        if old != new:
            at = len(before) + offset
            pieces.append(TokenPiece(at, at + 1, new, Role.REPAIR))
    return Proposal(
        EditKind.CAUSAL_ORDER,
        "composed",
        tuple(sorted(pieces, key=lambda piece: piece.start)),
        old=f"{factual[0]} … {factual[1]}".lower(),
        new=f"{swapped[0]} … {swapped[1]}".lower(),
        rule=rule,
        wording=wording,
    )


def _agree(words: str, plural: bool) -> str:
    """A connective's words behind a singular or plural phrase."""

    def form(match: re.Match[str]) -> str:
        verb = match.group(1)
        if verb == "be":
            return "are" if plural else "is"
        return verb_form(verb_lemma(verb, "VBZ"), "VB") if plural else verb

    return SLOT.sub(form, words)


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def _spaces(texts: list[str]) -> list[bool]:
    """A space behind every word that no comma or stop follows."""
    return [
        index + 1 < len(texts) and texts[index + 1] not in {",", "."} for index in range(len(texts))
    ]


def cased(text: str, upper: bool) -> str:
    """A text with a capital where one is wanted."""
    return text[0].upper() + text[1:] if upper else text
