"""From a cause and an effect that a model names to a causal caption and its swap.

Both are taken as they were written, and joined by a connective between clauses: whatever else
would reword them, "the sun shining" for "the sun shines", spoils more than it adds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.gate.changes import Part, word_at
from pipeline.edits.gate.language import (
    foreign_scene,
    name_in,
    repetition_fault,
    talk_fault,
)
from pipeline.edits.gate.people import introduced_characteristic
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.connectives import Connective, load_causal_lexicon
from pipeline.edits.lexicon.gate_words import load_gate_words
from pipeline.edits.llm.answers import AnswerError, bare_words
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spacy.tokens import Doc

TOKEN = re.compile(r"[^\s,]+|,")
FEWEST_WORDS, MOST_WORDS = 3, 12
POINTING_BACK = frozenset({"he", "she", "they", "his", "her", "their", "him", "them", "its", "this",
                           "that", "these", "those"})  # fmt: skip
"""Words that a clause cannot begin with, as nothing stands before them."""

SUBKIND = "composed"


def compose_pair(anchor_id: str, doc: Doc, effect: str, cause: str, *, rule: str) -> Proposal:
    """Word "effect because cause" or "cause, so effect", and the swap of the two clauses.

    Args:
        anchor_id: Decides the connective.
        doc: The anchor's parsed caption, whose things the pair must be about.
        effect: What the model says is seen.
        cause: What it says brought it about.
        rule: Prompt version, for provenance.

    Raises:
        AnswerError: They are no clauses, or about something else than the caption.
    """
    reading = parsed_caption(doc)
    clauses = [_clause(text, reading) for text in (effect, cause)]
    said = f"{clauses[0]} because {clauses[1]}"
    if clauses[0] == clauses[1]:
        raise AnswerError("text.nothing_changed", "cause and effect are the same")
    fault = (
        talk_fault(said, reading.text)
        or repetition_fault(said)
        or foreign_scene(said, reading.text)
        or introduced_characteristic(reading.text, said)
    )
    if fault is not None:
        raise AnswerError(fault.reason, fault.detail)
    if not _shares_content(reading, said):
        raise AnswerError("text.unrelated", f"the caption says nothing of {said!r}")
    connectives = [
        one
        for one in load_causal_lexicon().connectives.values()
        if (one.effect, one.cause) == ("clause", "clause")
    ]
    connective = connectives[derive_seed(0, anchor_id, "connective") % len(connectives)]
    return _worded(doc, clauses, connective, rule=rule)


def _clause(text: str, reading: ParsedCaption) -> str:
    """A clause as it stands inside a sentence."""
    words = bare_words(text)
    fault = name_in(words, reading.text, begins=True)
    if fault is not None:
        raise AnswerError(fault.reason, fault.detail)
    words = words[:1].lower() + words[1:]
    tokens = words.lower().split()
    if not FEWEST_WORDS <= len(tokens) <= MOST_WORDS:
        raise AnswerError("text.causal_form", f"{words!r} is no clause of 3 to 12 words")
    if tokens[0] in POINTING_BACK:
        raise AnswerError("text.causal_pronoun", f"{words!r} begins with {tokens[0]!r}: name it")
    if {"because", "so", "therefore"} & set(tokens) or not any(map(_may_be_finite, tokens[1:])):
        raise AnswerError("text.causal_form", f"{words!r} is no plain clause")
    return words


def _may_be_finite(word: str) -> bool:
    """Whether a word can be the verb of a clause in the present or the past."""
    from lemminflect import getAllLemmas

    if word in {"is", "are", "was", "were", "has", "have", "had", "does", "do"}:
        return True
    return not word.endswith("ing") and "VERB" in getAllLemmas(word)


def _shares_content(reading: ParsedCaption, said: str) -> bool:
    """Whether a statement names a thing or a doing of the caption."""
    nouns = load_lexicon().nouns
    own: set[str] = set()
    for token in range(len(reading)):
        word = word_at(reading, token)
        if word.part in {Part.THING, Part.DOING, Part.QUALITY}:
            own |= {word.lemma, word.text}
    own |= {other for lemma in tuple(own) for other in nouns.akin(lemma)}
    for word_said in re.findall(r"[a-z’'-]+", said.lower()):
        entry = nouns.forms.get(word_said)
        lemma = entry[0].lemma if entry else word_said
        if word_said not in load_gate_words().function_words and {lemma, word_said} & own:
            return True
    return False


def _worded(doc: Doc, clauses: Sequence[str], connective: Connective, *, rule: str) -> Proposal:
    from spacy.tokens import Doc as SpacyDoc

    text = doc.text.rstrip()
    upper = text[:1].isupper()
    effect, cause = clauses
    first, second = (effect, cause) if connective.effect_first else (cause, effect)
    link = TOKEN.findall(connective.words)
    before, after = (TOKEN.findall(clause) for clause in (first, second))
    stop = ["."] if text.endswith(".") else []
    texts = [*TOKEN.findall(_cased(first, upper)), *link, *after, *stop]
    spaces = [
        index + 1 < len(texts)
        and (texts[index + 1] not in {",", "."} or (bool(stop) and text.endswith(" .")))
        for index in range(len(texts))
    ]
    wording = SpacyDoc(doc.vocab, words=texts, spaces=spaces)
    start = len(before) + len(link)
    pieces = (
        TokenPiece(0, len(before), _cased(second, upper)),
        TokenPiece(start, start + len(after), first),
    )
    return Proposal(
        EditKind.CAUSAL_ORDER,
        SUBKIND,
        pieces,
        old=f"{first} … {second}".lower(),
        new=f"{second} … {first}".lower(),
        rule=rule,
        wording=wording,
    )


def _cased(text: str, upper: bool) -> str:
    return text[:1].upper() + text[1:] if upper else text
