"""Noun phrases that may change places, and their exchange."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.records import EditKind
from pipeline.edits.apply.case import lower_beginning
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.lexicon.sizes import load_sizes
from pipeline.edits.parse.phrases import content_noun, is_a, wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.count.words import PICTURES
from pipeline.edits.rules.relation.placing import name_of

RULE = "swap"
MUTUAL = wordset("other another themselves himself herself itself self")
LOOSE = frozenset({"of", "with", "wearing", "who", "that", "which", "holding", "'s"})
SIMPLE = frozenset({"DT", "JJ", "NN", "NNS", "CD", "VBN", "VBG", "JJR"})


def sort_of(noun: Word) -> str:
    """What a noun is, for comparing two of them: "person", "animal", "vehicle" or ""."""
    name, inner = name_of(noun), content_noun(noun).lemma
    # A baseball bat is no bat, a teddy bear no bear.
    for word in (name,) if name != noun.lemma else (name, inner):
        if load_relations().is_person(word):
            return "person"
        for sort in ("animal", "vehicle"):
            if is_a(word, sort):
                return sort
    return ""


def exchange(subkind: str, first: Phrase, second: Phrase) -> Iterator[Proposal]:
    """Two base noun phrases change places, with their articles.

    Nothing where a headline's noun without an article would stand where one has its article:
    "a wall in front of beach".
    """
    if _lacks_article(first) and second[0].tag in {"DT", "PRP$"}:
        return
    text, other = lower_first(first), lower_first(second)
    new_first = other[0].upper() + other[1:] if first.text[0].isupper() else other
    yield Proposal(
        EditKind.SWAP,
        subkind,
        (
            TokenPiece(first.start, first.end, new_first),
            TokenPiece(second.start, second.end, text),
        ),
        old=f"{text} … {other}".lower(),
        new=f"{other} … {text}".lower(),
        rule=RULE,
    )


def is_plain(chunk: Phrase) -> bool:
    """Whether a base noun phrase is a common noun with plain words before it."""
    return (
        all(token.tag in SIMPLE for token in chunk)
        and chunk.root.tag in {"NN", "NNS"}
        and not any(token.tag == "DT" and token.i > chunk.start for token in chunk)
        and chunk.root.lemma not in MUTUAL
        and not any(token.lower in {"dead", "left", "right"} for token in chunk)
        and chunk[0].lower not in {"other", "another", "each", "some", "all", "both"}
    )


def are_alike_in_size(*chunks: Phrase) -> bool:
    """Whether both are known to be about as large, so that each fits where the other is."""
    found = [chunk.words.parsed.mentions.get(chunk.root.i) for chunk in chunks]
    nouns = [mention.noun for mention in found if mention is not None]
    return len(nouns) == len(chunks) and load_sizes().are_alike(*nouns)


def is_subject_of_picture(noun: Word) -> bool:
    """Whether a noun behind "of" is what a picture is of: "photo of a cup on a book"."""
    return noun.dep == "pobj" and noun.head.lower == "of" and noun.head.head.lemma in PICTURES


def is_within_another(noun: Word) -> bool:
    """Whether a noun belongs to another: "a bunch of bananas", "a bowl filled with fruit"."""
    return noun.dep in {"pobj", "conj", "dobj"} and not is_subject_of_picture(noun)


def is_introduced(chunk: Phrase) -> bool:
    """Whether "there is" introduces it, which takes neither "the wall" nor another number."""
    return any(child.dep == "expl" for child in chunk.root.head.children)


def _lacks_article(chunk: Phrase) -> bool:
    """Whether a singular noun that can be counted stands without a determiner."""
    if chunk.root.tag != "NN" or chunk[0].tag in {"DT", "CD", "PRP$"}:
        return False
    entry = load_lexicon().nouns.by_lemma.get(chunk.root.lemma)
    return entry is None or not entry.mass


def has_words_between(chunk: Phrase, until: int) -> bool:
    """Whether anything but auxiliaries stands between a noun phrase and a token."""
    return any(t.pos not in {"AUX", "ADV"} for t in chunk.words[chunk.end : until])


def has_dependents_behind(words: WordTree, chunk: Phrase) -> bool:
    """Whether dependents of a noun phrase follow it, and would stay behind."""
    if chunk.end >= len(words):
        return False
    after = words[chunk.end]
    if after.lower in LOOSE or not (
        after.is_punct or after.pos in {"ADP", "ADV", "SCONJ", "CCONJ"}
    ):
        return True
    if after.lower in {"and", "or", ",", "&"}:
        return any(child.dep == "conj" for child in chunk.root.children)
    return False


def lower_first(chunk: Phrase) -> str:
    """Text of a noun phrase as it stands inside a sentence."""
    text = chunk.text
    begins = chunk.start == 0 and chunk.root.tag in {"NN", "NNS"}
    return lower_beginning(text) if begins else text
