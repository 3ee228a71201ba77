"""Verbs that come back: what an action replaces is put in where captions hold it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.actions import Frame
from pipeline.edits.lexicon.contexts import load_contexts
from pipeline.edits.parse.parsed_caption import ParsedCaption


def returning_verbs(
    parsed: ParsedCaption, verb: int, subject: int | None, frame: Frame
) -> Iterator[str]:
    """Verbs of :meth:`Frame.returns` that captions have with the same object and places.

    Some caption must also have it of the subject, or of another noun of its group: men do what
    women do.
    """
    doer = None if subject is None else parsed.mentions.get(subject)
    if doer is None or frame.particles:
        return
    for other in frame.returns(parsed.verb_lemma(verb)):
        contexts = [
            (thing, f"{other} {said}")
            for child in parsed.children[verb]
            if child > verb and (found := _thing_of(parsed, child)) is not None
            for thing, said in [found]
        ]
        if contexts and f"< {other}" in _said_of(doer.noun.group.name):
            nouns = [(parsed.mentions.get(thing), context) for thing, context in contexts]
            if all(m is not None and context in _of(m.noun.lemma) for m, context in nouns):
                yield other


def _thing_of(parsed: ParsedCaption, child: int) -> tuple[int, str] | None:
    """The object or place that a dependent of a verb brings in, and how."""
    if parsed.deps[child] == "dobj":
        return child, ">"
    if parsed.deps[child] != "prep":
        return None
    place = parsed.child(child, "pobj")
    return (child if place is None else place), parsed.lower[child]


def _of(lemma: str) -> frozenset[str]:
    return load_contexts().by_noun.get(lemma, frozenset())


@cache
def _said_of(group: str) -> frozenset[str]:
    return frozenset().union(*(_of(noun) for noun in load_lexicon().nouns.groups[group].nouns))
