"""Whether an edit tells of what cannot be: a ship that sings, a truck on a cloud.

Only what is certain is refused, by the classes of the lexicon and short lists: a noun or verb that
is not known is let pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.stage import Fault
from pipeline.edits.gate.changes import Change, Part
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.gate_words import load_gate_words
from pipeline.edits.lexicon.inflection import singular_of, verb_lemma
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.parsed_caption import ParsedCaption

REASON = "text.impossible"
LIVING = frozenset({"person", "animal"})
GROWING = LIVING | {"plant"}
HOLDERS = frozenset({"on", "onto", "upon", "atop"})
COLLECTIVES = frozenset(
    {"group", "crowd", "pair", "couple", "team", "herd", "flock", "row", "line"}
)


def impossible_fault(change: Change, before: ParsedCaption, after: ParsedCaption) -> Fault | None:
    """What an edit says that cannot be, and that its caption does not say already."""
    if not load_gate_words().impossible.made_up.isdisjoint(before.words | after.words):
        return None
    return (
        _unseen_thing(change, after)
        or _lifeless_doer(change, before, after)
        or _airy_support(change, before, after)
        or _quality_of_no_body(change, after)
    )


def _unseen_thing(change: Change, after: ParsedCaption) -> Fault | None:
    """A noun put in of which there is no picture."""
    words = load_gate_words().impossible
    for added in change.added:
        if added.part is not Part.THING or added.text in load_lexicon().nouns.forms:
            continue
        following = after.tags[added.at + 1 : added.at + 2]
        if after.deps[added.at] == "compound" or (following and following[0].startswith("NN")):
            continue  # "a life jacket"
        lemma = singular_of(added.text)
        ends = any(lemma.endswith(ending) for ending in words.unseen_endings)
        if lemma in words.unseen_things or ends:
            return Fault(REASON, f"no picture shows {added.text!r}")
    return None


def _lifeless_doer(change: Change, before: ParsedCaption, after: ParsedCaption) -> Fault | None:
    """A thing that does what only people and animals do."""
    changed = {word.at for word in change.added}
    known = set(_lifeless_doings(before))
    for verb, doer in _doings(after):
        said = after.verb_lemma(verb), after.lower[doer]
        if {verb, doer} & changed and _is_lifeless_doing(after, verb, doer) and said not in known:
            return Fault(REASON, f"{said[1]!r} cannot {said[0]}")
    # The tagger may not take the new word for a verb: "a ship sings". The old one was.
    doings = load_gate_words().impossible.living_doings
    new = next((lemma for w in change.added if (lemma := verb_lemma(w.text, w.tag)) in doings), "")
    gone = {word.at for word in change.removed}
    for verb, doer in _doings(before):
        if new and verb in gone and _is_lifeless(before, doer):
            return Fault(REASON, f"{before.lower[doer]!r} cannot {new}")
        doing = before.verb_lemma(verb)
        if doer in gone and doing in doings and not _is_lifeless(before, doer):
            for word in change.added:
                noun = _entry(word.text) if word.part is Part.THING else None
                if noun is not None and noun.cls not in LIVING | {"body", "clothing"}:
                    return Fault(REASON, f"{word.text!r} cannot {doing}")
    return None


def _lifeless_doings(reading: ParsedCaption) -> Iterator[tuple[str, str]]:
    for verb, doer in _doings(reading):
        if _is_lifeless_doing(reading, verb, doer):
            yield reading.verb_lemma(verb), reading.lower[doer]


def _doings(reading: ParsedCaption) -> Iterator[tuple[int, int]]:
    """Verbs in the active with who does them, as far as the parse says."""
    for verb in range(len(reading)):
        tag = reading.tags[verb]
        if not tag.startswith("VB") or tag == "VBN":
            continue
        doer = reading.child(verb, "nsubj")
        if doer is None and reading.deps[verb] == "acl" and tag == "VBG":
            doer = reading.heads[verb]
        if doer is not None:
            yield verb, doer


def _is_lifeless_doing(reading: ParsedCaption, verb: int, doer: int) -> bool:
    doings = load_gate_words().impossible.living_doings
    return reading.verb_lemma(verb) in doings and _is_lifeless(reading, doer)


def _is_lifeless(reading: ParsedCaption, doer: int) -> bool:
    """Whether who does something is surely no person or animal."""
    if reading.lower[doer] in COLLECTIVES:
        return False
    if any(reading.deps[child] == "conj" for child in reading.children[doer]):
        return False
    noun = _noun(reading, doer)
    return noun is not None and noun.cls not in LIVING and not _is_of_the_living(reading, doer)


def _is_of_the_living(reading: ParsedCaption, doer: int) -> bool:
    """Whether a body or its clothing may stand for its owner, or the parse took a wrong noun."""
    noun = _noun(reading, doer)
    if noun is not None and noun.cls in {"body", "clothing"}:
        return True
    return any(
        (other := _noun(reading, token)) is not None and other.cls in LIVING
        for token in range(doer)
    )


def _airy_support(change: Change, before: ParsedCaption, after: ParsedCaption) -> Fault | None:
    """Something put on what holds nothing, where what went away held something."""
    airy = load_gate_words().impossible.airy
    removed = {entry.group.name for word in change.removed if (entry := _entry(word.text))}
    for added in change.added:
        noun = _entry(added.text)
        if noun is None or noun.group.name not in airy or not removed or removed & airy:
            continue
        head = after.heads[added.at]
        if after.deps[added.at] == "pobj" and after.lower[head] in HOLDERS:
            return Fault(REASON, f"nothing is {after.lower[head]} {added.text!r}")
    return None


def _quality_of_no_body(change: Change, after: ParsedCaption) -> Fault | None:
    """A quality that nothing alive has."""
    never = load_gate_words().impossible.never_of_living
    for added in change.added:
        if added.text not in never:
            continue
        noun = _noun(after, after.heads[added.at])
        if noun is not None and noun.cls in GROWING:
            return Fault(REASON, f"no {noun.lemma} is {added.text}")
    return None


def _noun(reading: ParsedCaption, token: int) -> Noun | None:
    return _entry(reading.lower[token])


def _entry(word: str) -> Noun | None:
    found = load_lexicon().nouns.forms.get(word)
    return found[0] if found else None
