"""What a caption does: it describes a picture, lists its contents, talks about it, or instructs."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.doc_columns import Strings

WORDS_OF_ADVICE = frozenset(
    {"how", "why", "?", "should", "might", "must", "tips", "reasons", "ways", "guide",
     "recipe", "recipes", "let", "wish", "definition", "meaning", "quotes", "quote", "facts",
     "vs", "vs.", "versus", "instructions", "nobody", "until", "unless", "anyone"}
)  # fmt: skip
"""Words of captions that ask, advise, or name what is not there."""

WORDS_OF_CONVERSATION = frozenset(
    {"i", "i'm", "i've", "you", "if", "would", "could", "never", "ever", "always", "every", "idea",
     "ideas", "things", "'ll", "buy", "rent", "we",
     "let's", "my", "your", "our", "us", "me", "want", "need", "love", "will"}
)  # fmt: skip
"""Words of captions that talk about a picture more than they describe it."""
CONTENTS = ("image", "may", "contain", ":")
"""How some captions begin that list what a picture shows."""


def is_description(tags: Strings, lower: Strings) -> bool:
    """Whether the caption states what is seen, and does not ask, advise or give an order."""
    return WORDS_OF_ADVICE.isdisjoint(lower) and not is_instruction(tags, lower)


def is_conversational(lower: Strings) -> bool:
    """Whether the caption talks about its picture, or to the reader."""
    return not WORDS_OF_CONVERSATION.isdisjoint(lower)


def is_list_of_contents(lower: Strings) -> bool:
    """Whether a caption is a list of what the picture shows, a person first."""
    return lower[: len(CONTENTS) + 1] == (*CONTENTS, "person")


def is_list(lower: Strings) -> bool:
    """Whether a machine lists what is in the picture: "image may contain: person and night"."""
    return lower[1:4] == ("may", "contain", ":") and lower[0] in {"image", "photo"}


def is_instruction(tags: Strings, lower: Strings) -> bool:
    """Whether the caption starts like an instruction: "find a shop near your home"."""
    if (
        tags[:1] != ("VB",)
        or lower[0] in {"close", "view", "head", "portrait"}
        or lower[1:2] == ("of",)
    ):
        return False
    # "cute kitten in a helmet": the tagger takes adjectives for verbs.
    return lower[0] not in load_lexicon().qualities.general
