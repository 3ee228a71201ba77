"""Words around a noun that fix how many there are, whatever the parse says."""

from __future__ import annotations

from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import UNITS, WORN_BY_ALL
from pipeline.edits.rules.object.depicted import is_visible_action


def has_unit_before(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a measure that lost its number stands before the noun: "a sq ft tiny house"."""
    first = min((*parsed.children[mention.head], mention.phrase_start))
    return not UNITS.isdisjoint(parsed.lower[first : mention.start])


def later_words_require_one(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether later words hold for one alone.

    "dressed as a worker", "the model's eyes", "wearing beanie"
    """
    if mention.noun.cls not in {"person", "animal"}:
        return False
    lower, tags = parsed.lower, parsed.tags
    for token in range(mention.head + 1, len(parsed)):
        word, before = lower[token], lower[token - 1]
        if before == "as" and word in {"a", "an"}:
            return True
        if tags[token] == "POS" and tags[token - 1] == "NN" and "the" in lower[token - 3 : token]:
            owner = parsed.mentions.get(token - 1)
            if owner is None or owner.noun.cls == mention.noun.cls:
                return True
        if before in {"wearing", "wears"} and tags[token] == "NN" and word not in WORN_BY_ALL:
            following = tags[token + 1 : token + 2]
            if following not in {("NN",), ("NNS",)}:
                return True
    return False


def is_in_unseen_relative_clause(parsed: ParsedCaption, noun: int) -> bool:
    """Whether the noun is in a relative clause below a verb that no picture shows.

    "a plan to euthanize beavers that have been building dams"
    """
    token, within = noun, False
    while parsed.heads[token] != token:
        within = within or parsed.deps[token] == "relcl"
        token = parsed.heads[token]
        if within and parsed.pos[token] == "VERB" and not is_visible_action(parsed, token):
            return True
    return False
