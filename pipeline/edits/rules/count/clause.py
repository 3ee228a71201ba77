"""What the clause of a noun holds: the verbs that it is the subject of, and their complements."""

from __future__ import annotations

from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import NUMBERS


def noun_and_its_verbs(parsed: ParsedCaption, noun: int) -> list[int]:
    """The noun and the verbs that it is the subject of."""
    doers = [noun]
    if parsed.deps[noun] in {"nsubj", "nsubjpass"}:
        doers.append(parsed.heads[noun])
    doers += [
        child
        for doer in tuple(doers)
        for child in parsed.children[doer]
        if parsed.deps[child] in {"acl", "relcl", "conj", "advcl"} and child > noun
    ]
    return doers


def is_subject_of_any(parsed: ParsedCaption, noun: int, verbs: frozenset[str]) -> bool:
    """Whether the noun is the subject of one of `verbs`."""
    return any(
        parsed.tags[verb].startswith("VB") and parsed.verb_lemma(verb) in verbs
        for verb in noun_and_its_verbs(parsed, noun)
    )


def complements(parsed: ParsedCaption, noun: int) -> list[int]:
    """Objects of the noun's verbs, and the objects of its prepositions."""
    found: list[int] = []
    for doer in noun_and_its_verbs(parsed, noun):
        for child in parsed.children[doer]:
            if parsed.deps[child] == "dobj":
                found.append(child)
            elif parsed.deps[child] == "prep" and child > noun:
                thing = parsed.child(child, "pobj")
                if thing is not None:
                    found.append(thing)
    return found


def is_part_of_counted(parsed: ParsedCaption, token: int) -> bool:
    """Whether a word tells of some of those that were counted: "two men, one of them seated"."""
    if parsed.lower[token] in {"other", "others", "another", "latter", "former"}:
        return True
    return parsed.lower[token] in NUMBERS and parsed.deps[token] not in {"nummod", "compound"}
