"""A sentence becomes a phrase or a phrase a sentence: "a dog is running", "a dog running"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.apply.case import lower_beginning
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon.neutral import load_neutral
from pipeline.edits.neutral.rewording import (
    Rewording,
    agrees,
    finite_verbs,
    is_many,
    is_new,
    is_visible,
    opening,
)
from pipeline.edits.parse.phrases import chunks_by_start
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree

BE = frozenset({"is", "are"})
GROUPS = frozenset({"group", "couple"})
"""Nouns before "of" whose members do what is said: "a group of people are walking"."""
LONGEST = 18
"""Words of a caption that is introduced."""
PLACES = frozenset({"on", "in", "at", "near", "under", "behind", "beside", "next"})
SHOWING = frozenset({"photo", "photograph", "picture", "image"})
"""Pictures of whatever sort; a drawing or an illustration is seen to be one."""
OF_PICTURES = frozenset({"by", "taken", "from", "shot", "wallpaper", "wallpapers", "edited"})
"""Words that may be said of the picture and not of what it shows."""


def drop_be(words: WordTree) -> Iterator[Rewording]:
    """Make a phrase of a sentence: "a dog is running" → "a dog running"."""
    subject = _subject(words)
    if subject is None or subject.end + 1 >= len(words) or not _has_one_statement(words):
        return
    be, then = words[subject.end], words[subject.end + 1]
    if be.lower not in BE or [word.i for word in finite_verbs(words)] != [be.i]:
        return
    acts = _is_participle(then) and then.dep == "ROOT"
    stands = be.dep == "ROOT" and _places(then) and then.head is be
    if acts or stands:
        yield Rewording("clause.phrase", (TokenPiece(be.i, be.i + 1, ""),))


def add_be(words: WordTree) -> Iterator[Rewording]:
    """Make a sentence of a phrase: "a dog running" → "a dog is running"."""
    subject = _subject(words)
    if subject is None or subject.end >= len(words) or not _has_one_statement(words):
        return
    verb = words[subject.end]
    if finite_verbs(words) or not _is_participle(verb) or verb.dep != "acl":
        return
    if verb.head not in [word for word in subject if word.tag in {"NN", "NNS"}]:
        return
    be = "are" if is_many(subject) else "is"
    yield Rewording("clause.sentence", (TokenPiece(verb.i, verb.i, be),))


def drop_there_is(words: WordTree) -> Iterator[Rewording]:
    """Leave out the introduction: "there is a dog on the grass" → "a dog on the grass"."""
    if words.lower[0] != "there" or len(words) < 4 or words.lower[1] not in BE:
        return
    chunk = chunks_by_start(words).get(2)
    if chunk is None or not is_new(chunk) or not is_visible(chunk):
        return
    if len(finite_verbs(words)) == 1 and _has_one_statement(words):
        yield Rewording("clause.no_there", (TokenPiece(0, 3, words[2].text),))


def introduce(words: WordTree) -> Iterator[Rewording]:
    """Introduce what is shown: "a dog" → "there is a dog", "a picture of a dog"."""
    chunk = opening(words)
    if chunk is None or finite_verbs(words) or not _has_one_statement(words):
        return
    if len(words) > LONGEST or chunk.root.dep != "ROOT" or chunk.root.lemma in GROUPS:
        return
    if any(child.dep == "conj" for child in chunk.root.children):
        return
    be = "are" if is_many(chunk) else "is"
    yield Rewording("clause.there", (TokenPiece(0, 0, f"There {be}"),))
    yield Rewording("clause.picture", (TokenPiece(0, 0, "A picture of"),))


def drop_relative(words: WordTree) -> Iterator[Rewording]:
    """Shorten a clause: "a man who is wearing a hat" → "a man wearing a hat"."""
    for chunk in words.chunks:
        end = chunk.end
        if end + 2 >= len(words) or words.lower[end] not in {"who", "that", "which"}:
            continue
        verb = words[end + 2]
        stands = _is_participle(verb) or _places(verb)
        if words.lower[end + 1] in BE and stands and chunk.root.tag in {"NN", "NNS"}:
            yield Rewording("clause.participle", (TokenPiece(end, end + 2, ""),))


def drop_picture(words: WordTree) -> Iterator[Rewording]:
    """Leave out that it is a picture: "a photo of a dog" → "a dog"."""
    start = 1 if words.lower[0] in {"a", "an", "the"} else 0
    if len(words) < start + 4 or words.lower[start] not in SHOWING:
        return
    chunk = chunks_by_start(words).get(start + 2)
    if words.lower[start + 1] != "of" or chunk is None:
        return
    if finite_verbs(words) or not OF_PICTURES.isdisjoint(words.lower):
        return
    if is_new(chunk) and is_visible(chunk) and _has_one_statement(words):
        yield Rewording(
            "clause.no_picture", (TokenPiece(0, start + 3, lower_beginning(chunk[0].text)),)
        )


def _subject(words: WordTree) -> Phrase | None:
    """What a caption begins with: one noun phrase, two joined by "and", or a group of some."""
    chunk = words.chunks[0] if words.chunks else None
    if chunk is None or chunk.start or not is_new(chunk) or not agrees(chunk):
        return None
    starts = chunks_by_start(words)
    second = starts.get(chunk.end + 1)
    joined = words.lower[chunk.end] if chunk.end < len(words) else ""
    if second is not None and second.root.tag == "NNS":
        grouped = chunk.root.lemma in GROUPS and joined == "of"
        if grouped and is_visible(second):
            return words.phrase(0, second.end)
    if chunk.root.tag not in {"NN", "NNS"} or not is_visible(chunk):
        return None
    return None if joined in {"and", "or", ","} else chunk


def _is_participle(word: Word) -> bool:
    """Whether "is" before a word makes a statement of it."""
    lexical = load_neutral()
    if word.tag == "VBG":
        return word.lower not in lexical.stative
    return word.tag == "VBN" and word.lower in lexical.results


def _places(word: Word) -> bool:
    """Whether a word says where something is, and is not "on" as a lamp is."""
    if word.lower not in PLACES or word.i + 1 >= len(word.words):
        return False
    return word.words[word.i + 1].tag in {"DT", "NN", "NNS", "JJ", "CD", "PRP$", "IN", "TO"}


def _has_one_statement(words: WordTree) -> bool:
    """Whether a caption is one statement: no commas, no second subject behind an "and"."""
    inner = words[:-1] if words[-1].is_punct else list(words)
    if any(word.is_punct and word.text not in {"-", "'", "’"} for word in inner):
        return False
    for chunk in words.chunks:
        mention = words.parsed.mentions.get(chunk.root.i)
        joined = chunk.start > 0 and words.lower[chunk.start - 1] in {"and", "or"}
        acts = any(child.dep in {"acl", "relcl"} for child in chunk.root.children)
        if joined and (acts or (mention is not None and mention.noun.cls in {"person", "animal"})):
            return False
    return not any(word.lower in {"but", "so", "because", "that's"} for word in words)
