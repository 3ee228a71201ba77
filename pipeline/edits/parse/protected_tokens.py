"""Tokens that no rule may touch: names, frozen phrases, placeholders, hyphens, possessives."""

from __future__ import annotations

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.parse.doc_columns import Strings
from pipeline.edits.parse.noun_mentions import NounMention

DESCRIBING = frozenset({"DT", "JJ", "CD", "PRP$", "VBG", "VBN", "NN", "JJR", "JJS", "POS", "NNS"})
"""Tags before an everyday word that is then no placeholder for a name."""
COUNTING = frozenset({"DT", "CD"})
"""Tags before people of whom there may be others."""

BEGINNING = frozenset({"DT", "PRP", "PRP$", "WRB", "WP"})
"""Tags behind a dash that begin something new: "red belt - a perfect accessory"."""


def protected_tokens(
    lower: Strings,
    pos: Strings,
    tags: Strings,
    mentions: dict[int, NounMention],
    lexicon: Lexicon,
) -> frozenset[int]:
    """Tokens of names, frozen phrases, placeholders, hyphenated words and possessives."""
    whole = {(mention.start, mention.head + 1) for mention in mentions.values()}
    tokens = {i for i, part in enumerate(pos) if part == "PROPN"}
    phrases = lexicon.protected
    for start, end in phrases.find(phrases.frozen, lower):
        # A phrase that the lexicon knows as one thing is edited as a whole or not at all.
        if (start, end) not in whole:
            tokens.update(range(start, end))
    for start, end in phrases.find(phrases.placeholders, lower):
        phrase = " ".join(lower[start:end])
        before = tags[start - 1] if start else ""
        described = before in DESCRIBING
        if end - start == 1 and phrase in phrases.everyday:
            # A placeholder has no modifier or plural: "business woman", "a city", "books" are none.
            modifies = tags[end : end + 1] in {("NN",), ("NNS",)}
            if described or modifies or tags[start] == "NNS":
                continue
        if _is_person(lower[end - 1], lexicon) and _is_counted(start, lower, tags):
            # "a tennis player" is any; a name has no article, and "the" may point at it.
            continue
        tokens.update(range(start, end))
    for i, word in enumerate(lower):
        if word in {"-", "/", "#", "–"}:
            if (i - 1, i + 2) in whole:
                # "t-shirt"
                continue
            after = min(i + 1, len(lower) - 1)
            tokens.add(i)
            if word == "#" or tags[after] not in BEGINNING:
                tokens.update({max(i - 1, 0), after})
        if word.startswith("#") or word.startswith("@"):
            tokens.add(i)
    return frozenset(tokens)


def _is_counted(start: int, lower: Strings, tags: Strings) -> bool:
    """Whether an article or a number stands before the adjectives before a token."""
    first = start - 1
    while first > 0 and tags[first] == "JJ":
        first -= 1
    return first >= 0 and tags[first] in COUNTING and lower[first] != "the"


def _is_person(word: str, lexicon: Lexicon) -> bool:
    entry = lexicon.nouns.forms.get(word)
    return entry is not None and entry[0].cls == "person"
