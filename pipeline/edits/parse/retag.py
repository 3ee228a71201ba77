"""Corrections of what the tagger gets wrong in captions, by the lexicon.

Captions in lower case, without articles and verbs, are not what taggers are trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.doc_columns import Strings

MISTAKEN = frozenset({"JJ", "RB", "VB", "UH", "FW"})
FINITE = frozenset({"VBD", "VBZ", "VBP"})
"""Tags that the tagger gives to rare nouns."""

NOUN_ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj"})
PLAIN_CLASSES = frozenset(
    {"animal", "vehicle", "furniture", "clothing", "food", "container", "instrument"}
)

DOING_CLASSES = PLAIN_CLASSES | {"person"}

DESCRIBED = frozenset({"NN", "NNS", "JJ", "NNP", "NNPS"})
"""Tags behind an adjective that it may belong to."""

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


@dataclass(frozen=True, slots=True)
class Tree:
    """What the parse says, token by token.

    Attributes:
        tags: Penn tags.
        pos: Universal parts of speech.
        deps: Dependency labels.
        heads: Index of each token's head.
    """

    tags: Strings
    pos: Strings
    deps: Strings
    heads: tuple[int, ...]


def with_names(lower: Sequence[str], tree: Tree, lexicon: Lexicon) -> Tree:
    """The parse, with things of several words corrected whose last word is taken for no noun.

    The "hydrant" of "a red fire hydrant on a street" is parsed as an adjective.
    """
    if "amod" not in tree.deps:
        return tree
    forms = lexicon.nouns.forms
    tags, pos, deps = list(tree.tags), list(tree.pos), list(tree.deps)
    heads = list(tree.heads)
    for first, last in pairwise(range(len(lower))):
        entry = forms.get(f"{lower[first]} {lower[last]}") if deps[last] == "amod" else None
        if entry is None or heads[last] != first or tags[first] != "NN":
            continue
        if tags[last + 1 : last + 2] and tags[last + 1] in DESCRIBED:
            continue
        tags[last], pos[last] = ("NNS" if entry[1] else "NN"), "NOUN"
        deps[last], heads[last] = deps[first], heads[first] if heads[first] != first else last
        for token, head in enumerate(heads):
            if head == first:
                heads[token] = last
        deps[first], heads[first] = "compound", last
    return Tree(tuple(tags), tuple(pos), tuple(deps), tuple(heads))


def with_doers(lower: Sequence[str], tree: Tree, lexicon: Lexicon) -> Tree:
    """The parse, with those who do something corrected where it takes both words for a noun.

    "A zebra standing on a field" is parsed as "a mountain hike on a trail" is, "a cow stares" as
    "the office chairs", and "Horse grazing in a field" as "mountain biking on a trail".
    """
    forms = lexicon.nouns.forms
    pairs = [
        (doer, doing)
        for doer, doing in pairwise(range(len(lower)))
        if lower[doer] in forms and lower[doing].endswith(("ing", "s"))
    ]
    if not pairs:
        return tree
    tags, pos, deps = list(tree.tags), list(tree.pos), list(tree.deps)
    heads = list(tree.heads)
    for doer, doing in pairs:
        entry = forms[lower[doer]]
        if entry[0].cls not in DOING_CLASSES:
            continue
        part = heads[doer] == doing and deps[doer] == "compound"
        if part and deps[doing] == "ROOT" and tags[doing] == "VBG":
            deps[doer] = "nsubj"
            continue
        if not _is_doing(lower, tags, doer, doing, lexicon):
            continue
        tags[doer], pos[doer] = ("NNS" if entry[1] else "NN"), "NOUN"
        gerund = lower[doing].endswith("ing")
        tags[doing], pos[doing] = ("VBG" if gerund else "VBZ"), "VERB"
        if not part:
            continue
        for token in range(doer):
            if heads[token] == doing:
                heads[token] = doer
        if gerund:
            # The noun takes the place of the verb, which then says what it does.
            deps[doer], heads[doer] = deps[doing], doer
            if deps[doing] != "ROOT":
                heads[doer] = heads[doing]
            deps[doing], heads[doing] = "acl", doer
        else:
            deps[doer] = "nsubj"
    return Tree(tuple(tags), tuple(pos), tuple(deps), tuple(heads))


def _is_doing(
    lower: Sequence[str], tags: Sequence[str], doer: int, doing: int, lexicon: Lexicon
) -> bool:
    """Whether a noun behind an article does what the word behind it says.

    The words between are taken for adjectives, the word itself for a noun or a verb.
    """
    first = doer
    while first and tags[first - 1] in {"JJ", "NN", "VBN"}:
        first -= 1
    if not first or tags[first - 1] not in {"DT", "CD"} or doing + 1 >= len(lower):
        return False
    if tags[doing + 1] not in {"IN", "RP", "RB"} or lower[doing + 1] == "of":
        return False
    if lower[doing].endswith("ing"):
        tag = "VBG"
        mistaken = tags[doing] in {"NN", "VBG"}
    else:
        # What "a" stands before is no plural.
        tag = "VBZ"
        mistaken = tags[doing] == "NNS" and lower[first - 1] in {"a", "an"}
    return mistaken and verb_lemma(lower[doing], tag) in lexicon.actions.by_verb
