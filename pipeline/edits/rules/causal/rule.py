"""Rule `causal_order`: which event is the cause and which the effect changes places.

A pair always differs in which event is the cause, never in the connective: the two phrases
around it are exchanged and the connective stays.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind, Role
from pipeline.core.stage import Fault
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.connectives import Connective, Pattern, load_causal_lexicon
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.phrases import describes, wordset
from pipeline.edits.parse.tokens import Word, Words, words_of
from pipeline.edits.rules.causal.connectives import CausalMention
from pipeline.edits.rules.causal.events import NAMES_BACK, WEATHER, Event, read_event
from pipeline.edits.rules.causal.mining import find_mentions
from pipeline.edits.rules.causal.patterns import Scene, match_pattern

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

SLOT = re.compile(r"\{(\w+)\}")
CONCLUDING = frozenset({"so"})
"""Connectives behind which an effect may also be a sign: "the street is wet, so it rained"."""
PUBLIC_LIFE = wordset(
    "political politics rebel government election vote law policy crisis economy war "
    "conflict dispute debate controversy scandal rights reform democracy parliament tension"
)
"""Words of matters that no picture shows."""
TOKEN = re.compile(r"[^\s,]+|,")


class CausalRule:
    """Exchanges cause and effect: of a mined statement, or of a composed one."""

    name = "causal"
    kind = EditKind.CAUSAL_ORDER

    def __init__(self) -> None:
        self._lexicon = load_causal_lexicon()
        self._by_word: dict[str, list[int]] = {}
        for number, pattern in enumerate(self._lexicon.patterns):
            for word in pattern.words[0]:
                self._by_word.setdefault(word, []).append(number)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the swap of every statement in the caption, else of what it licenses.

        What a caption states itself comes with its own words where both sides have the same
        form; otherwise, and for composed statements, the proposal carries its own wording.
        """
        words = words_of(doc)
        mined = False
        for mention in find_mentions(doc):
            proposal = self._mined(words, mention)
            if proposal is not None:
                mined = True
                yield proposal
        if mined or not describes(words):
            return
        scene = Scene.of(words)
        hopeful = {number for word in scene.lemmas for number in self._by_word.get(word, ())}
        for pattern in (self._lexicon.patterns[number] for number in sorted(hopeful)):
            if not _takes(pattern, words.text):
                continue
            found = match_pattern(pattern, scene)
            if found is not None:
                effect, cause = found
                connective = self._connective(pattern, words.text)
                yield compose_events(
                    words,
                    effect,
                    cause,
                    connective,
                    subkind="composed",
                    rule=f"causal.{pattern.name}",
                )

    def _connective(self, pattern: Pattern, text: str) -> Connective:
        """A connective that reads well with the pattern, the same for the same caption."""
        fitting = [
            connective
            for connective in self._lexicon.connectives.values()
            if connective.name not in CONCLUDING
            and (pattern.nouns or "clause" in (connective.effect, connective.cause))
        ]
        return fitting[zlib.crc32(f"{text}/{pattern.name}".encode()) % len(fitting)]

    def _mined(self, words: Words, mention: CausalMention) -> Proposal | None:
        """The swap of a statement that the caption makes."""
        cause_span, effect_span = words.phrase(*mention.cause), words.phrase(*mention.effect)
        if any(t.lower in NAMES_BACK and not _is_weather(t) for t in (*cause_span, *effect_span)):
            return None
        if not describes(words) or _is_told_otherwise(words, mention):
            return None
        if not PUBLIC_LIFE.isdisjoint(t.lemma for t in (*cause_span, *effect_span)):
            return None
        effect, cause = read_event(effect_span), read_event(cause_span)
        if effect is None or cause is None:
            return None
        connective = self._lexicon.connectives.get(mention.connective)
        if connective is None or not _fits(effect, cause, connective):
            return None
        return compose_events(
            words, effect, cause, connective, subkind="mined", rule="causal.mined"
        )


def _is_told_otherwise(words: Words, mention: CausalMention) -> bool:
    """Whether the connective is not in the present: its wording would change the tense."""
    ends = sorted((*mention.cause, *mention.effect))
    return any(
        t.tag in {"VBD", "MD"} or (t.lemma == "have" and t.pos == "AUX")
        for t in words[ends[1] : ends[2]]
    )


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
    parsed = [words_of(doc) for doc in nlp.pipe(texts)]
    events = [read_event(words.whole) for words in parsed]
    if events[0] is None or events[1] is None:
        missing = texts[0] if events[0] is None else texts[1]
        return Fault("text.causal_form", f"{missing!r} is neither a plain clause nor a noun phrase")
    if texts[0].lower() == texts[1].lower():
        return Fault("text.nothing_changed", "cause and effect are the same")
    for words in parsed:
        if words[0].lower in NAMES_BACK and not _is_weather(words[0]):
            return Fault(
                "text.causal_pronoun", f"{words.text!r} begins with {words[0].text!r}: name it"
            )
    if not _fits(events[0], events[1], entry):
        return Fault("text.causal_form", f"{connective!r} asks for a clause where there is none")
    return compose_events(
        parsed[0], events[0], events[1], entry, subkind=subkind, rule="causal.compose", style=effect
    )


def compose_events(
    words: Words,
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
    said = (_form(first, first_form), _form(second, second_form))
    swapped = (_form(second, first_form), _form(first, second_form))
    plural = (first.plural, second.plural)
    link, other_link = (_agree(connective.words, many) for many in plural)
    upper = style[:1].isupper()
    before, between = _tokens(_cased(said[0], upper)), _tokens(link)
    after = _tokens(said[1])
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
        old=f"{said[0]} … {said[1]}".lower(),
        new=f"{swapped[0]} … {swapped[1]}".lower(),
        rule=rule,
        wording=wording,
    )


def _fits(effect: Event, cause: Event, connective: Connective) -> bool:
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


def _takes(pattern: Pattern, text: str) -> bool:
    """Whether a pattern that fits too many captions may take this one."""
    return zlib.crc32(f"{pattern.name}:{text}".encode()) % 1000 < 1000 * pattern.share


def _is_weather(token: Word) -> bool:
    """Whether a pronoun is the empty "it" of "it is raining" or of "it is night"."""
    head = token.head
    return token.lower == "it" and (
        head.lemma in WEATHER or any(child.dep == "expl" for child in head.children)
    )
