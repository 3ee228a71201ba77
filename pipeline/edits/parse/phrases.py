"""Noun phrases, subjects and word classes that the rules on relations, roles and negation share."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.caption_type import is_instruction, is_list_of_contents
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree


def wordset(text: str) -> frozenset[str]:
    """The words of a text, for tables of words in the code."""
    return frozenset(text.split())


DETERMINERS = wordset(
    "a an the this that these those another each every some his her its their my our your"
)
QUANTITY_TAGS = frozenset({"CD"})
PRONOUNS = wordset("he she they we someone somebody everyone everybody")
"""Pronouns of people in the picture; "i" and "you" mostly address the reader."""
WRAPPERS = wordset(
    "group pair herd pack flock bunch lot couple row crowd number hundred thousand dozen stack "
    "variety collection silhouette portrait photo photograph image picture illustration shot "
    "pile painting drawing view footage set line team member family million part piece slice "
    "glass cup bottle bowl up video cartoon sketch clip closeup"
)
WORDS_OF_CONVERSATION = wordset(
    "i you my your our we us me ? how why what if let lets can could will would should must may "
    "might need needs want wants ideas tips never"
)
"""Words of captions that talk about a picture, or to the reader, instead of describing it."""


def is_a(word: str, *names: str) -> bool:
    """Whether a lemma of the lexicon belongs to one of these classes or groups."""
    noun = load_lexicon().nouns.by_lemma.get(word)
    return noun is not None and (noun.cls in names or noun.group.name in names)


def is_thing(word: str) -> bool:
    """Whether a lemma is a visible thing of the lexicon."""
    return word in load_lexicon().nouns.by_lemma


def is_description(words: WordTree) -> bool:
    """Whether a caption states what is seen, and does not ask, advise or talk to the reader."""
    if not len(words) or is_instruction(words.parsed.tags, words.lower):
        return False
    return WORDS_OF_CONVERSATION.isdisjoint(words.lower) or is_list_of_contents(words.lower)


def chunks_by_start(words: WordTree) -> dict[int, Phrase]:
    """Base noun phrases by the index of their first word."""
    return {chunk.start: chunk for chunk in words.chunks}


def has_determiner(chunk: Phrase) -> bool:
    """Whether a base noun phrase starts with an article, demonstrative, possessive or number."""
    first = chunk[0]
    return (
        first.lower in DETERMINERS
        or first.tag in QUANTITY_TAGS
        or any(token.tag == "POS" for token in chunk)
    )


def is_plural(token: Word) -> bool:
    """Whether a noun is in the plural."""
    return token.tag in {"NNS", "NNPS"}


def subject_of(verb: Word) -> Word | None:
    """The subject of a verb, also of a participle; None where the parse has none."""
    steps = 0
    while steps < 6:
        for child in verb.children:
            if child.dep in {"nsubj", "nsubjpass"}:
                return child
        if verb.dep in {"acl", "relcl"}:
            return verb.head
        if verb.dep not in {"conj", "xcomp", "advcl", "aux"}:
            return None
        verb, steps = verb.head, steps + 1
    return None


def content_noun(noun: Word) -> Word:
    """The noun of what is seen: boys for "a group of boys", a man for "a portrait of a man"."""
    for _ in range(2):
        if noun.lemma not in WRAPPERS:
            return noun
        of = next((child for child in noun.children if child.lower == "of"), None)
        inner = next((c for c in of.children if c.dep == "pobj"), None) if of else None
        if inner is None:
            return noun
        noun = inner
    return noun
