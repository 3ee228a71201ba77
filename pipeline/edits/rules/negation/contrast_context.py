"""Whether a denied thing may stand beside one that a caption names."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.parse.phrases import WRAPPERS, is_a, is_plural
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.object.depicted import load_visibility

BEFORE_LIST = frozenset({"and", "or", ",", "&", "like", "as", "-", "not"})
BEHIND_LIST = frozenset({"of", ",", "-", ":", "&", "'s", "/", "for", "to", "and", "or"})
PLAIN = frozenset({"DT", "JJ", "CD", "VBN", "VBG", "JJR", "JJS", "PRP$"})
ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "ROOT", "attr"})
REPEATED = frozenset(
    {"on", "in", "with", "under", "behind", "near", "inside", "beside", "at", "during", "through",
     "by", "along", "into", "down", "across", "over", "outside", "past", "around", "towards",
     "toward", "aboard"}
)  # fmt: skip
"""Prepositions that are said again before the denied phrase."""


def fits_beside_denied(chunk: Phrase, start: int) -> bool:
    """Whether a phrase is short and plain enough, and in the picture.

    Args:
        chunk: The base noun phrase.
        start: First word of the noun.
    """
    words, root = chunk.words, chunk.root
    table = load_negation()
    if root.lemma in table.never_contrasted or is_a(root.lemma, *table.never_contrasted):
        return False
    if not table.generic_words.isdisjoint(words.lower):
        return False
    rest = (*words.lower[: chunk.start], *words.lower[chunk.end :])
    if len(root.lemma) > 2 and any(word.startswith(root.lemma) for word in rest):
        # "pigs on a pig farm", "in the fog" with "in the foggy morning" behind it
        return False
    before = words[chunk.start : start]
    if root.dep not in ROLES or any(
        word.tag not in PLAIN and not _joins_adjectives(word) for word in before
    ):
        return False
    if any(word.tag == "JJ" and not _suits_any_thing(word.lower) for word in before):
        # "a wild beach": the adjective may not suit what is denied.
        return False
    if chunk[0].lower in {"a", "an"} and is_plural(root):
        return False
    if chunk[0].lower in load_counts().many and not is_plural(root):
        # "several giraffe"
        return False
    word_before = words.lower[chunk.start - 1] if chunk.start else ""
    if word_before in BEFORE_LIST or (
        word_before == "of" and not _introduces_content(words, chunk.start - 2)
    ):
        return False
    if any(child.dep in {"conj", "cc", "appos"} for child in root.children):
        return False
    return _may_end_at(words, chunk.end) and _is_depicted(root)


def _suits_any_thing(adjective: str) -> bool:
    table, qualities = load_negation(), load_lexicon().qualities
    if adjective in table.general or adjective in qualities.colours.words:
        return True
    return adjective in qualities.general and adjective not in table.of_its_kind


def _is_depicted(root: Word) -> bool:
    """Whether a phrase stands where a picture shows what it names."""
    if root.dep == "dobj":
        return root.head.lemma not in load_negation().unseen_verbs
    if root.dep == "nsubj":
        # "this home is within walking distance"
        return root.head.lemma not in load_negation().stative_verbs
    return True


def _may_end_at(words: WordTree, end: int) -> bool:
    """Whether the denied phrase may follow a noun phrase that ends here."""
    if end >= len(words):
        return True
    after = words[end]
    if after.lower == "," and words.lower.count(",") == 1 and end + 1 < len(words):
        # The only comma begins no list: "on a bench, looking at a lake".
        return words[end + 1].tag in {"IN", "VBG", "VBN", "WDT", "WP", "RB"}
    return not (after.lower in BEHIND_LIST or after.tag in {"NN", "NNS", "HYPH", "POS", "CD"})


def _joins_adjectives(word: Word) -> bool:
    """Whether an "and" stands between two adjectives: "a black and white dress"."""
    around = [near.tag for near in word.words[max(word.i - 1, 0) : word.i + 2]]
    return word.lower == "and" and around == ["JJ", "CC", "JJ"]


def _introduces_content(words: WordTree, token: int) -> bool:
    """Whether a word such as "photo" or "group" shows what stands behind its "of"."""
    if token < 0:
        return False
    return words[token].lemma in WRAPPERS or words.lower[token] in load_visibility().wholes
