"""Mentions of the lexicon's nouns in a caption."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.doc_columns import Strings

HYPHENATED = 3
"""Tokens of a word with a hyphen."""
APART = 2
"""Words of a compound that is written apart."""
SINGULAR = frozenset({"a", "an", "this", "one", "single"})
"""Determiners that make a noun like "sheep" singular; without any, it is a plural."""

TIME_WORDS = frozenset({"today", "tomorrow", "yesterday", "tonight", "last", "next", "this"})
"""Words behind a noun that begin a time."""
NOUN_TAGS = frozenset({"NN", "NNS", "NNP", "NNPS"})


@dataclass(frozen=True, slots=True)
class NounMention:
    """One mention of a visible noun of the lexicon.

    Attributes:
        start: First token of the noun ("hot" of "hot air balloon").
        head: Its last token, which is the head.
        noun: The entry.
        plural: Whether it is plural here.
        phrase_start: First token of compounds before it; `start` where there are none.
    """

    start: int
    head: int
    noun: Noun
    plural: bool
    phrase_start: int


def noun_mentions(
    lower: Strings, tags: Strings, pos: Strings, lexicon: Lexicon
) -> dict[int, NounMention]:
    """Longest lexicon noun that ends at each noun token which is not a modifier itself."""
    forms, longest = lexicon.nouns.forms, lexicon.nouns.longest
    found: dict[int, NounMention] = {}
    head = len(lower) - 1
    while head >= 0:
        step = 1
        if tags[head] in {"NN", "NNS"} and not _modifies_next_word(head, lower, tags):
            for width in range(min(longest, head + 1), 0, -1):
                start = head - width + 1
                form = " ".join(lower[start : head + 1]) if width > 1 else lower[head]
                if width == HYPHENATED and lower[head - 1] == "-":
                    form = form.replace(" - ", "-")
                entry = forms.get(form)
                if entry is None and width == APART and tags[start] in NOUN_TAGS:
                    # "a skate board"
                    entry = forms.get(lower[start] + lower[head])
                if entry is None:
                    continue
                noun, plural = entry
                if noun.plural == noun.lemma and not noun.mass and not plural:
                    plural = tags[head] == "NNS" or not SINGULAR.intersection(lower[:start])
                begin = start
                while begin and tags[begin - 1] in NOUN_TAGS and pos[begin - 1] != "ADJ":
                    begin -= 1
                found[head] = NounMention(start, head, noun, plural, begin)
                step = width
                break
        head -= step
    return found


def _modifies_next_word(token: int, lower: Strings, tags: Strings) -> bool:
    """Whether a noun belongs to the next word, whatever the parse says.

    "pencil skirt", "snow covered mountain", "the panther like cat".
    """
    after = tags[token + 1 : token + 3]
    if not after:
        return False
    if lower[token + 1] in TIME_WORDS:
        # "will reach a city today", "riding her horse last week"
        return False
    if after[0] in NOUN_TAGS or lower[token + 1] in {"like", "shaped", "themed", "style"}:
        return True
    return len(after) == 2 and after[0] in {"VBN", "VBD", "JJ"} and after[1] in NOUN_TAGS
