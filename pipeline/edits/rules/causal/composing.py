"""Causal statements composed of two events and a connective, with cause and effect exchanged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind, Role
from pipeline.core.stage import Fault
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.connectives import Connective, load_causal_lexicon
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.word_tree import Word, WordTree, word_tree
from pipeline.edits.rules.causal.events import NAMES_BACK, WEATHER, Event, read_event

if TYPE_CHECKING:
    from spacy.language import Language

SLOT = re.compile(r"\{(\w+)\}")
TOKEN = re.compile(r"[^\s,]+|,")


def compose(
    effect: str, cause: str, connective: str, nlp: Language, *, subkind: str = "composed"
) -> Proposal | Fault:
    """Compose a causal caption with the right direction, and the swap of cause and effect.

    Args:
        effect: What is seen, as a clause or noun phrase: "the street is wet".
        cause: What brings it about: "it is raining".
        connective: A name from `lexicon/connectives.toml`, such as "because" or "result in".
        nlp: The parser.
        subkind: Label of the edit.

    Returns:
        A proposal with its own wording, or the fault that forbids it.
    """
    entry = load_causal_lexicon().connectives.get(connective)
    if entry is None:
        return Fault("text.unknown_connective", f"{connective!r} is not in connectives.toml")
    texts = [" ".join(text.split()).rstrip(" .!;,") for text in (effect, cause)]
    if any(not text or "?" in text for text in texts):
        return Fault("text.causal_form", "cause and effect must each be one clause")
    trees = [word_tree(doc) for doc in nlp.pipe(texts)]
    events = [read_event(words.whole) for words in trees]
    if events[0] is None or events[1] is None:
        missing = texts[0] if events[0] is None else texts[1]
        return Fault("text.causal_form", f"{missing!r} is neither a plain clause nor a noun phrase")
    if texts[0].lower() == texts[1].lower():
        return Fault("text.nothing_changed", "cause and effect are the same")
    for words in trees:
        if words[0].lower in NAMES_BACK and not is_weather_pronoun(words[0]):
            return Fault(
                "text.causal_pronoun", f"{words.text!r} begins with {words[0].text!r}: name it"
            )
    if not events_fit(events[0], events[1], entry):
        return Fault("text.causal_form", f"{connective!r} asks for a clause where there is none")
    return compose_events(
        trees[0], events[0], events[1], entry, subkind=subkind, rule="causal.compose", style=effect
    )


def compose_events(
    words: WordTree,
    effect: Event,
    cause: Event,
    connective: Connective,
    *,
    subkind: str,
    rule: str,
    style: str | None = None,
) -> Proposal:
    """Word "effect because cause" or "cause results in effect", and its swap.

    Args:
        words: Gives the vocabulary, and the writing style where `style` is None.
        effect: The effect.
        cause: The cause.
        connective: How they are joined.
        subkind: "mined" or "composed".
        rule: Name of the rule, for provenance.
        style: Text whose first letter and last stop the wording follows.
    """
    from spacy.tokens import Doc as SpacyDoc

    style = words.text if style is None else style
    first, second = (effect, cause) if connective.effect_first else (cause, effect)
    forms = (connective.effect, connective.cause)
    first_form, second_form = forms if connective.effect_first else forms[::-1]
    factual = (_form(first, first_form), _form(second, second_form))
    swapped = (_form(second, first_form), _form(first, second_form))
    plural = (first.plural, second.plural)
    link, other_link = (_agree(connective.words, many) for many in plural)
    upper = style[:1].isupper()
    before, between = _tokens(_cased(factual[0], upper)), _tokens(link)
    after = _tokens(factual[1])
    stop = [style.rstrip()[-1]] if style.rstrip()[-1:] == "." else []
    texts = [*before, *between, *after, *stop]
    wording = SpacyDoc(words.vocab, words=texts, spaces=_spaces(texts))
    start = len(before) + len(between)
    pieces = [
        TokenPiece(0, len(before), _cased(swapped[0], upper)),
        TokenPiece(start, start + len(after), swapped[1]),
    ]
    for offset, (old, new) in enumerate(zip(between, _tokens(other_link), strict=True)):
        if old != new:
            at = len(before) + offset
            pieces.append(TokenPiece(at, at + 1, new, Role.REPAIR))
    return Proposal(
        EditKind.CAUSAL_ORDER,
        subkind,
        tuple(sorted(pieces, key=lambda piece: piece.start)),
        old=f"{factual[0]} … {factual[1]}".lower(),
        new=f"{swapped[0]} … {swapped[1]}".lower(),
        rule=rule,
        wording=wording,
    )


def events_fit(effect: Event, cause: Event, connective: Connective) -> bool:
    """Whether both events have the forms that the statement and its swap ask for."""
    forms = {connective.effect, connective.cause}
    return all(_form(event, form) for event in (effect, cause) for form in forms)


def _form(event: Event, form: str) -> str:
    return event.clause if form == "clause" else event.nominal


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


def _cased(text: str, upper: bool) -> str:
    return text[0].upper() + text[1:] if upper else text


def is_weather_pronoun(token: Word) -> bool:
    """Whether a pronoun is the empty "it" of "it is raining" or of "it is night"."""
    head = token.head
    return token.lower == "it" and (
        head.lemma in WEATHER or any(child.dep == "expl" for child in head.children)
    )
