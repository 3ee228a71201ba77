"""Corrections of what the tagger gets wrong in captions, by the lexicon.

Captions in lower case, without articles and verbs, are not what taggers are trained on.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.parse.doc_columns import Strings

MISTAKEN = frozenset({"JJ", "RB", "VB", "UH", "FW"})
FINITE = frozenset({"VBD", "VBZ", "VBP"})
"""Tags that the tagger gives to rare nouns."""

NOUN_ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj"})
PLAIN_CLASSES = frozenset(
    {"animal", "vehicle", "furniture", "clothing", "food", "container", "instrument"}
)

DOING_CLASSES = PLAIN_CLASSES | {"person"}

MODIFIERS = frozenset({"compound", "nmod", "amod"})
"""Dependencies of words before the noun that they belong to."""


def with_common_words(
    written: Sequence[str], tags: Strings, pos: Strings, deps: Strings, lexicon: Lexicon
) -> tuple[Strings, Strings]:
    """Tags and parts of speech, with everyday words corrected that were tagged as names.

    Where a caption is all in lower case the tagger guesses: "bridge in the sunrise", "cowboy
    talking on a phone". Beside another name the word stays part of it.

    Args:
        written: The words as they stand in the caption.
        tags: Penn tags.
        pos: Universal parts of speech.
        deps: Dependency labels.
        lexicon: The everyday words.
    """
    forms, qualities = lexicon.nouns.forms, lexicon.qualities
    mended_tags, mended_pos = list(tags), list(pos)
    for token, part in enumerate(pos):
        word = written[token]
        if part != "PROPN" or not word.islower():
            continue
        before, after = written[max(token - 1, 0) : token], written[token + 1 : token + 2]
        if _is_part(before, word, after, lexicon):
            # "christmas tree", "teddy bear"
            mended_pos[token] = "NOUN"
            mended_tags[token] = "NNS" if tags[token] == "NNPS" else "NN"
            continue
        if "PROPN" in (*pos[max(token - 1, 0) : token], *pos[token + 1 : token + 2]):
            continue
        if word in forms:
            mended_tags[token] = "NNS" if forms[word][1] else "NN"
            mended_pos[token] = "NOUN"
        elif deps[token] in MODIFIERS and (
            word in qualities.colours.words or word in qualities.by_word
        ):
            mended_tags[token], mended_pos[token] = "JJ", "ADJ"
    return tuple(mended_tags), tuple(mended_pos)


def _is_part(before: Sequence[str], word: str, after: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether the word and one beside it are the name of a thing."""
    forms = lexicon.nouns.forms
    return any(f"{one} {word}" in forms for one in before) or any(
        f"{word} {one}" in forms for one in after
    )


def with_nouns(lower: Strings, tags: Strings, deps: Strings, lexicon: Lexicon) -> Strings:
    """Tags, with the lexicon's nouns corrected where they stand like nouns.

    "bulldog with" is no order, the "dragonfly resting on a branch" no adverb.
    """
    forms = lexicon.nouns.forms
    mended: list[str] | None = None
    for token, tag in enumerate(tags):
        begun = token == 0 and tag in FINITE and tags[1:2] == ("IN",)
        if not (tag in MISTAKEN or begun) or lower[token] not in forms:
            continue
        opens = token == 0 and (tag == "VB" or deps[token] == "ROOT" or tags[1:2] == ("IN",))
        if opens or (deps[token] in NOUN_ROLES and forms[lower[token]][0].cls in PLAIN_CLASSES):
            mended = mended or list(tags)
            mended[token] = "NNS" if forms[lower[token]][1] else "NN"
    return tuple(mended) if mended else tags


def with_doers(
    lower: Sequence[str], tags: Strings, deps: Strings, heads: Sequence[int], lexicon: Lexicon
) -> Strings:
    """Dependencies, with subjects corrected that were parsed as part of a compound.

    "Horse grazing in a field" is parsed as "mountain biking on a trail" is.

    Args:
        lower: The words in lower case.
        tags: Penn tags.
        deps: Dependency labels.
        heads: Index of each token's head.
        lexicon: The nouns.
    """
    if "compound" not in deps or "VBG" not in tags:
        return deps
    mended = list(deps)
    for token, head in enumerate(heads):
        if deps[token] != "compound" or head != token + 1 or tags[head] != "VBG":
            continue
        entry = lexicon.nouns.forms.get(lower[token])
        if deps[head] == "ROOT" and entry is not None and entry[0].cls in DOING_CLASSES:
            mended[token] = "nsubj"
    return tuple(mended)
