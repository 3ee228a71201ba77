"""Constructions that join a cause and an effect (adverbial, predicate, verb), with their spans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.edits.parse.phrases import wordset
from pipeline.edits.parse.word_tree import Word, WordTree

Direction = Literal["effect_first", "cause_first"]
BE = frozenset({"is", "are", "was", "were", "be", "been", "'s"})
HEDGES = wordset("perhaps maybe just only mostly partly mainly probably simply apparently")
OPENERS = wordset("after when while as that although")


@dataclass(frozen=True, slots=True)
class CausalMention:
    """A stated cause and effect.

    Attributes:
        connective: Name, such as "because" or "result in".
        direction: Which of the two this connective puts first.
        trigger: Half-open token span of the connective.
        cause: Half-open token span of the cause.
        effect: Half-open token span of the effect.
    """

    connective: str
    direction: Direction
    trigger: tuple[int, int]
    cause: tuple[int, int]
    effect: tuple[int, int]


def trimmed_span(tokens: Iterable[Word]) -> tuple[int, int] | None:
    """Smallest span of the tokens without punctuation at its ends."""
    kept = sorted(tokens, key=lambda token: token.i)
    while kept and (kept[-1].is_punct or kept[-1].lower in HEDGES | {"and", "but"}):
        kept.pop()
    while kept and (kept[0].is_punct or kept[0].lower in OPENERS | {"and", "but"}):
        kept.pop(0)
    return (kept[0].i, kept[-1].i + 1) if kept else None


def subtree_span(token: Word, *, after: int = -1, before: int = 1 << 30) -> tuple[int, int] | None:
    """Phrase of a token and all below it, cut to the tokens between two places."""
    return trimmed_span(t for t in token.subtree if after < t.i < before)


def mention_of(
    connective: str,
    direction: Direction,
    trigger: tuple[int, int],
    cause: tuple[int, int] | None,
    effect: tuple[int, int] | None,
) -> CausalMention | None:
    """The mention, or None where one of the two sides has no words."""
    if cause is None or effect is None:
        return None
    return CausalMention(connective, direction, trigger, cause, effect)


def _clause_of(token: Word) -> Word:
    """What an adverbial modifies: its head, or the noun that a participle describes."""
    head = token.head
    return head.head if head.dep == "acl" and head.tag in {"VBN", "VBG"} else head


def adverbial(
    words: WordTree, name: str, start: int, end: int, cause_root: Word, attached: Word
) -> CausalMention | None:
    """As in "effect CONNECTIVE cause" or "CONNECTIVE cause, effect"."""
    cause = subtree_span(cause_root, after=end - 1)
    if cause is None or (start and words[start - 1].lower in BE | {"not", "n't"}):
        return None
    if cause_root.pos in {"VERB", "AUX"}:
        cause = _whole_clause(words, cause_root, cause)
    head = _clause_of(attached)
    opening = start == 0 or words.sentence(start)[0] == start
    if start <= head.i < cause[1] or (head.i > start and not opening):
        return None
    if head.i < start:
        # Nothing of the effect may be cut off: take all of the clause before the connective.
        effect = trimmed_span(words[head.first : start])
    else:
        effect = trimmed_span(words[cause[1] : head.last + 1])
    return mention_of(name, "effect_first", (start, end), cause, effect)


def _whole_clause(words: WordTree, verb: Word, span: tuple[int, int]) -> tuple[int, int]:
    """A clause up to the next punctuation, without a participle that hangs loosely behind it."""
    loose = [t for t in verb.rights if t.dep == "advcl" and t.tag == "VBG"]
    if loose and loose[0].first > span[0]:
        return span[0], loose[0].first
    end = span[1]
    while end < len(words) and not words[end].is_punct:
        end += 1
    return span[0], end


def is_sentence(verb: Word) -> bool:
    """Whether a verb has its own subject and a finite form."""
    subject = any(c.dep in {"nsubj", "nsubjpass", "expl"} for c in verb.children)
    finite = verb.tag in {"VBZ", "VBP", "VBD"} or any(
        c.tag in {"VBZ", "VBP", "VBD", "MD"} for c in verb.children if c.dep in {"aux", "auxpass"}
    )
    return subject and finite


def object_of_preposition(*words: Word) -> Word | None:
    """The noun behind a preposition of several words, whichever of them the parse gives it to."""
    found = next((c for word in words for c in word.children if c.dep == "pobj"), None)
    if found is not None:
        return found
    # The parse may miss that "due to" is a preposition; then the next noun phrase is its noun.
    start = max(word.i for word in words) + 1
    nouns = (t for t in words[0].words[start : start + 5] if t.pos in {"NOUN", "PROPN"})
    return next((t for t in nouns if t.first == start and t.dep != "compound"), None)


def predicate(
    words: WordTree, name: str, verb: Word, end: int, cause_root: Word
) -> CausalMention | None:
    """As in "effect IS … cause"."""
    subject = next((t for t in verb.children if t.dep in {"nsubj", "nsubjpass"}), None)
    if subject is None or subject.i > verb.i:
        return None
    cause = subtree_span(cause_root, after=end - 1)
    return mention_of(name, "effect_first", (verb.i, end), cause, subtree_span(subject))


def object_or_clause(verb: Word) -> Word | None:
    """What a verb brings forth: its object, or the clause in its place."""
    return next((t for t in verb.rights if t.dep in {"dobj", "ccomp", "xcomp"}), None)


def active_verb(
    words: WordTree, name: str, verb: Word, end: int, effect_root: Word | None
) -> CausalMention | None:
    """As in "cause VERB effect", with a subject or as a participle behind a clause or noun."""
    if effect_root is None or any(t.dep == "neg" for t in verb.lefts):
        return None
    effect = trimmed_span(words[end : effect_root.last + 1])
    subject = next((t for t in verb.children if t.dep == "nsubj"), None)
    if subject is not None:
        if subject.lower in {"which", "that"} and verb.dep == "relcl":
            noun = verb.head
            cause = trimmed_span(words[noun.first : subject.i])
        else:
            cause = subtree_span(subject)
    elif verb.tag == "VBG" and verb.dep in {"advcl", "acl"}:
        head = verb.head
        while head.dep in {"pobj", "prep", "dobj", "acl"} and head.head.i < head.i:
            head = head.head
        while head.dep == "conj" and not any(c.dep == "nsubj" for c in head.children):
            # "The dog ate and became sick, leading to …": the dog belongs to the cause.
            head = head.head
        cause = trimmed_span(words[head.first : verb.i])
    elif verb.dep == "conj" and verb.head.i < verb.i:
        cause = trimmed_span(words[verb.head.first : verb.first])
    else:
        return None
    return mention_of(name, "cause_first", (verb.i, end), cause, effect)
