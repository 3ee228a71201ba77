"""Where a counted noun phrase begins and ends, and nouns whose number is given by what they are."""

from __future__ import annotations

from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import (
    NOT_BARE,
    PICTURES,
    PRENOMINAL,
)

PLAYED = frozenset({"catch", "hit", "kick", "throw", "head", "return", "strike", "serve", "pass"})
"""What is done to the one ball of a game."""


def start_of_bare_phrase(parsed: ParsedCaption, mention: NounMention) -> int | None:
    """First token of a noun phrase without article and number; None where there is one."""
    before = parsed.children[mention.head]
    if any(parsed.deps[child] in NOT_BARE for child in before):
        return None
    first = min(
        (child for child in before if child < mention.phrase_start), default=mention.phrase_start
    )
    if parsed.protected.intersection(range(first, mention.head + 1)):
        return None
    if any(parsed.tags[token] not in PRENOMINAL for token in range(first, mention.start)):
        return None
    if "VBG" in parsed.tags[first + 1 : mention.start]:
        # "native playing wooden flute"
        return None
    return first


def is_main_phrase(parsed: ParsedCaption, first: int) -> bool:
    """Whether a noun phrase is what the caption, or the picture that it mentions, is of."""
    pictured = first > 1 and parsed.lower[first - 1] == "of"
    return first == 0 or (pictured and parsed.lower[first - 2] in PICTURES)


def goes_on_behind_noun(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether the noun phrase goes on behind the noun, whatever the parse says.

    "vintage coral beaded necklace"
    """
    tags = parsed.tags[mention.head + 1 : mention.head + 3]
    if not tags:
        return False
    if tags[0] in {"JJ", "JJR", "NN", "NNS", "NNP", "CD", "VB", "DT", "PDT"}:
        return parsed.lower[mention.head + 1] not in {"isolated", "full", "alone", "close"}
    return len(tags) == 2 and tags[0] in {"VBN", "VBD"} and tags[1] in {"NN", "NNS"}


def is_ball_in_play(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether it is the one ball of a game."""
    if mention.noun.group.name != "sports_balls" and mention.noun.lemma != "ball":
        return False
    verb = parsed.governor(mention.head)
    return parsed.role(mention.head) == "dobj" and parsed.lemmas[verb] in PLAYED


def follows_toed(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a number before it would be read with the next word: "four toed sloths"."""
    return any(word.endswith("toed") for word in parsed.lower[: mention.start])
