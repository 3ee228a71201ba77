"""Visible causes and effects that a caption licenses, found by the patterns of the lexicon."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.edits.apply.grammar import article_for
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.connectives import Pattern, Slot
from pipeline.edits.lexicon.inflection import verb_form
from pipeline.edits.parse.phrases import is_plural, is_thing, subject_of, wordset
from pipeline.edits.parse.word_tree import Word, WordTree
from pipeline.edits.rules.causal.composing import Event

PERSONS = wordset("person actor artist player athlete politician team squad side winner")
"""Placeholders of the source for people, who celebrate too."""
ONLY_ONE = wordset("ground earth sky floor landscape sea ocean horizon world moon sun")
"""Things of which a scene has one."""
SLOT = re.compile(r"\{(\w+)\}")


def first_words(words: WordTree) -> dict[str, Word]:
    """Lemma and lower-case word → first token with it."""
    found: dict[str, Word] = {}
    for token in words:
        found.setdefault(token.lemma, token)
        found.setdefault(token.lower, token)
    return found


def match_pattern(
    pattern: Pattern, words: WordTree, first: Mapping[str, Word]
) -> tuple[Event, Event] | None:
    """(effect, cause) where the caption licenses the pattern, else None.

    Args:
        pattern: The pattern.
        words: The caption.
        first: Its :func:`first_words`.
    """
    if not pattern.unless.isdisjoint(first) or pattern.phrase not in words.text.lower():
        return None
    chosen = [
        next((first[word] for word in sorted(some) if word in first), None)
        for some in pattern.words
    ]
    if None in chosen:
        return None
    fills: dict[str, str] = {"be": "is"}
    found = chosen[pattern.word] if pattern.word >= 0 else None
    if found is not None:
        # The patterns are in the singular: "the car is damaged", "there was a storm".
        word = found.lemma if is_plural(found) else found.lower
        fills |= {"w": word, "a": article_for(word)}
    if pattern.slot is not None:
        filled = _fill(pattern.slot, words)
        if filled is None:
            return None
        fills |= filled
    plural = fills["be"] == "are"
    return (_event(pattern.effect, fills, plural), _event(pattern.cause, fills, plural))


def _event(forms: tuple[str, str], fills: Mapping[str, str], plural: bool) -> Event:
    clause, nominal = (SLOT.sub(lambda m: fills[m.group(1)], form) for form in forms)
    # The noun before the first preposition is the head: "the sky over the buildings is dark".
    head_is_slot = forms[1].endswith("{x}") and LINKS.isdisjoint(forms[1].split())
    many = (plural and head_is_slot) or not PLURAL_HEADS.isdisjoint(nominal.split()[1:3])
    return Event(clause, nominal, many)


PLURAL_HEADS = wordset("sunglasses clothes colors puddles footprints icicles steps drops rays")
LINKS = wordset("of on over to in at into")


def _fill(slot: Slot, words: WordTree) -> dict[str, str] | None:
    """Text of {x} with its verb's forms, or None where the caption has no such thing."""
    if slot.nouns and not slot.verbs:
        noun = next((t for t in words if t.lemma in slot.nouns and t.pos == "NOUN"), None)
        if noun is None or (noun.i and words[noun.i - 1].lower == "-"):
            return None
        be = "are" if is_plural(noun) else "is"
        return {"x": noun.lower, "be": be}
    for verb in words:
        if verb.lemma in slot.verbs and verb.pos in {"VERB", "ADJ"}:
            thing = _thing_of(verb, slot)
            if thing is None or (slot.nouns and thing.lemma not in slot.nouns):
                continue
            if is_thing(thing.lemma) or thing.lemma in slot.nouns | PERSONS:
                return _name(thing, verb)
    return None


def _thing_of(verb: Word, slot: Slot) -> Word | None:
    """The thing that the slot's role asks of a verb: its subject or object."""
    if any(c.dep == "neg" for c in verb.children):
        return None
    done_to = verb.tag == "VBN" or (verb.tag == "VBD" and verb.dep == "acl")
    if slot.role == "object" and not done_to:
        return None
    if slot.role == "subject" and (done_to or verb.tag == "VB"):
        return None
    if verb.dep == "amod":
        return verb.head
    return subject_of(verb)


def _name(noun: Word, verb: Word) -> dict[str, str] | None:
    """The noun phrase as a subject: with an article, and nothing but plain words before it."""
    near = noun.words
    if noun.lemma == "person" and not any(c.dep in {"det", "nummod"} for c in noun.children):
        # The source's placeholder for a name, which does not read as "a person".
        return None
    if noun.pos not in {"NOUN"} or any(c.dep in {"conj", "cc"} for c in noun.children):
        return None
    start = noun.i
    while start and near[start - 1].head is noun and near[start - 1].dep in {
        "det", "amod", "compound", "nummod", "poss",
    }:  # fmt: skip
        start -= 1
    if any(
        t.lower in {"no", "any", "my", "your", "our"} or t.dep == "poss"
        for t in near[start : noun.i]
    ):
        return None
    words = [t for t in near[start : noun.i + 1] if t is not verb]
    phrase = " ".join(t.text for t in words)
    phrase = phrase[0].lower() + phrase[1:]
    first = words[0]
    plural = is_plural(noun) or noun.lemma == "people"
    entry = load_lexicon().nouns.by_lemma.get(noun.lemma)
    countable = entry is None or entry.countable
    if first.dep not in {"det", "nummod"} and not plural and countable:
        phrase = f"{'the' if noun.lemma in ONLY_ONE else article_for(phrase)} {phrase}"
    return {
        "x": phrase,
        "be": "are" if plural else "is",
        "ing": verb_form(verb.lemma, "VBG"),
    }
