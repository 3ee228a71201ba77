"""Relations in fixed words: left and right, background and foreground, indoors and outdoors."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.lexicon.sizes import load_sizes
from pipeline.edits.parse.phrases import PRONOUNS, subject_of, wordset
from pipeline.edits.parse.word_tree import Word, WordTree

RULE = "relation"
SIDES = {"left": "right", "right": "left"}
DEPTHS = {"background": "foreground", "foreground": "background"}
SHELTERS = {"indoors": "outdoors", "outdoors": "indoors", "inside": "outside", "outside": "inside"}
MIDDLES = wordset("center centre middle")
TURNING = wordset("look turn face lean point gaze glance stare")
BEHIND_SIDE = frozenset({"", ".", ",", ")", "of", "and", "with", "is", "are", "in", "at", "while"})
OUTDOORS = ("place", "nature", "plant", "building", "structure", "vehicle", "scenery", "event")


def relation_proposal(
    words: WordTree, start: int, end: int, target: str, subkind: str, weight: float = 1.0
) -> Proposal:
    """A replacement of one span; keeps the case of its first letter."""
    old = words.text_of(start, end)
    new = target[0].upper() + target[1:] if old[0].isupper() else target
    return Proposal(
        EditKind.RELATION,
        subkind,
        (TokenPiece(start, end, new),),
        old=old.lower(),
        new=target,
        rule=RULE,
        weight=weight,
    )


def place_words(words: WordTree) -> Iterator[Proposal]:
    """Yield the changes of words that name a place by themselves."""
    for token in words:
        for table, subkind, fits in (
            (SIDES, "left_right", _names_a_side),
            (DEPTHS, "background_foreground", _is_near_or_far),
            (SHELTERS, "in_outside", _is_sheltered),
        ):
            new = table.get(token.lower)
            if new is not None and new not in words.lower and fits(token):
                yield relation_proposal(words, token.i, token.i + 1, new, subkind)


def _names_a_side(token: Word) -> bool:
    """On the left or right, looking or turning there, and "actor, left, and person"."""
    words, i = token.words, token.i
    after = words.lower[i + 1] if i + 1 < len(words) else ""
    before = words.lower[max(0, i - 3) : i]
    if i and words[i - 1].lemma in TURNING and token.dep == "advmod":
        return True
    if len(before) > 1 and before[-1] in {"the", "far"} and {"on", "to", "at", "from"} & {*before}:
        return after in BEHIND_SIDE or after == "side"
    if not before or before[-1] not in {",", "("} or after not in {",", ")"} or i < 2:
        return False
    named = words[i - 2]
    # "person, left, and person": who is who stays open.
    is_one = named.lower != "person" or words.lower.count("person") == 1
    return is_one and named.pos in {"NOUN", "PROPN"} and MIDDLES.isdisjoint(words.lower)


def _is_near_or_far(token: Word) -> bool:
    """In the background or foreground, of something that can stand in both."""
    words, i = token.words, token.i
    if i < 3 or words.lower[i - 1] not in {"the", "in"} or "back" in words.lower:
        return False
    start = i - 2 if words.lower[i - 1] == "the" else i - 1
    behind = words.lower[i + 1] if i + 1 < len(words) else ""
    if words.lower[start] != "in" or behind in {"of", "image", "-"}:
        return False
    thing = words.parsed.mentions.get(start - 1)
    size = None if thing is None else load_sizes().rank(thing.noun)
    if size is None:
        return False
    # What fills the view stands before nothing.
    return token.lower == "foreground" or size < load_sizes().ranks["building"]


def _is_sheltered(token: Word) -> bool:
    """Indoors or outdoors, as an adverb of somebody doing something."""
    words, verb, verbs = token.words, token.head, load_relations().verbs
    if token.dep != "advmod" or token.pos != "ADV" or token.children or verb.pos != "VERB":
        return False
    if verb.lemma not in verbs["posture"] | verbs["walk"] or token.i < verb.i:
        return False
    if any(mention.noun.cls in OUTDOORS for mention in words.parsed.mentions.values()):
        # What is around them tells on which side of the door they are.
        return False
    after = words.lower[token.i + 1] if token.i + 1 < len(words) else ""
    figure = subject_of(verb)
    if after in {"of", "the", "a", "an", "out", "in"} or figure is None:
        return False
    return load_relations().is_person(figure.lemma) or figure.lower in PRONOUNS
