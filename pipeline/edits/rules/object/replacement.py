"""Whether another noun goes with the determiner, the adjectives and the rest of a caption."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption

AGES = frozenset({"young", "old", "elderly", "older", "younger"})


def is_compatible_with_rest(parsed: ParsedCaption, mention: NounMention, other: Noun) -> bool:
    """Whether nothing else in the caption rules the other noun out."""
    group = mention.noun.group
    if mention.plural and other.lemma in group.singly:
        return False
    determiner = parsed.determiner(mention.head)
    article = "" if determiner is None else parsed.lower[determiner]
    if other.mass and article in {"a", "an"} and group.name != "drinks":
        # "a soup", "on a snow"
        return False
    # The "sunflower" of a "sunflower field" goes with it.
    rest = (*parsed.lower[: mention.phrase_start], *parsed.lower[mention.head + 1 :])
    return group.bars.get(other.lemma, frozenset()).isdisjoint(rest)


def verbs_of(parsed: ParsedCaption, noun: int) -> Iterator[int]:
    """Verbs whose subject the noun is: its predicate and the participles behind it."""
    if parsed.role(noun) in {"nsubj", "nsubjpass"}:
        yield parsed.governor(noun)
    for child in parsed.children[noun]:
        if parsed.deps[child] in {"acl", "relcl", "amod"} and parsed.tags[child] in {
            "VBG", "VBZ", "VBP", "VBN", "VBD",
        }:  # fmt: skip
            yield child


def adjectives_fit(parsed: ParsedCaption, head: int, other: Noun, lexicon: Lexicon) -> bool:
    """Whether the noun's adjectives can describe what replaces it."""
    qualities = lexicon.qualities
    mention = parsed.mentions.get(head)
    start = head if mention is None else mention.start
    for child in parsed.children[head]:
        word = parsed.lower[child]
        if parsed.deps[child] != "amod" or start <= child < head:
            # The "living" of a living room goes with the room.
            continue
        if word in qualities.colours.words:
            if word not in qualities.colours.palette(other):
                return False
        elif other.cls == "person" and word in AGES:
            continue
        elif word in qualities.by_word and word not in qualities.anywhere:
            # Where the scale says nothing of the old noun either, the word is a plain one.
            on_scale = mention is None or qualities.scale_of(word, mention.noun) is not None
            plain = not on_scale and word in qualities.general
            if not plain and qualities.scale_of(word, other) is None:
                return False
        elif word not in qualities.general:
            return False
    return True
