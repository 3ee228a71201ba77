"""Two that stand beside each other on equal terms change places: "a cat and a dog"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.apply.case import lower_beginning
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.neutral import NeutralWords, load_neutral
from pipeline.edits.neutral.rewording import (
    ARTICLES,
    REFERRING,
    Rewording,
    is_many,
    is_visible,
)
from pipeline.edits.parse.phrases import chunks_by_start
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.count.words import PICTURES

SIMPLE = frozenset({"DT", "JJ", "NN", "NNS", "CD"})
BESIDE = (("next", "to"), ("beside",), ("alongside",))
BETWEEN = frozenset({"with", "between"})
LYING_ON = frozenset({"on", "in", "at"})


def reorder_pairs(words: WordTree) -> Iterator[Rewording]:
    """Two noun phrases joined by "and", where nothing belongs to only one of them."""
    if not REFERRING.isdisjoint(words.lower):
        return
    starts = chunks_by_start(words)
    for first in words.chunks:
        second = starts.get(first.end + 1)
        if second is None or words.lower[first.end] != "and":
            continue
        if _are_equals(first, second) and _stand_alone(words, first, second):
            yield _exchange("order.pair", first, second)


def reorder_colours(words: WordTree) -> Iterator[Rewording]:
    """Two colours of one thing: "a red and white bus"."""
    colours = load_lexicon().qualities.colours.words
    for word in words:
        here = word.i
        if word.lower != "and" or not 0 < here < len(words) - 2:
            continue
        pair, noun = (words[here - 1], words[here + 1]), words[here + 2]
        if not all(colour.lower in colours for colour in pair) or noun.i not in (
            words.parsed.mentions
        ):
            continue
        before = words[here - 2] if here > 1 else None
        if before is not None and (before.tag != "DT" and before.pos not in {"ADP", "VERB", "NUM"}):
            continue
        if noun.lemma in PICTURES or not words.parsed.protected.isdisjoint(
            range(here - 1, here + 2)
        ):
            continue
        old, new = pair
        pieces = [
            TokenPiece(old.i, old.i + 1, new.lower),
            TokenPiece(new.i, new.i + 1, old.lower),
        ]
        if repair := article_repair(words.parsed, old.i, new.lower):
            pieces.append(repair)
        yield Rewording("order.colours", tuple(pieces), exchange=True)


def reorder_neighbours(words: WordTree) -> Iterator[Rewording]:
    """A whole caption that says only that two things of one sort are side by side."""
    if len(words.chunks) != 2:
        return
    first, second = words.chunks
    end = len(words) - (1 if words[-1].is_punct else 0)
    between = [word for word in words[first.end : second.start] if word.lower not in {"is", "are"}]
    if first.start or second.end != end or tuple(w.lower for w in between) not in BESIDE:
        return
    if not _are_equals(first, second) or _class(first) != _class(second):
        return
    if is_many(first) == is_many(second):
        yield _exchange("order.neighbours", first, second)


def _are_equals(first: Phrase, second: Phrase) -> bool:
    """Whether both are plain noun phrases of visible things, introduced in the same way."""
    roots = first.root, second.root
    if not all(
        chunk.root.tag in {"NN", "NNS"}
        and is_visible(chunk)
        and all(word.tag in SIMPLE for word in chunk)
        and chunk.words.parsed.protected.isdisjoint(range(chunk.start, chunk.end))
        for chunk in (first, second)
    ):
        return False
    if f"{roots[0].lemma} {roots[1].lemma}" in load_neutral().fixed:
        return False
    if roots[0].lemma == roots[1].lemma:
        return False
    kinds = {_introduction(chunk) for chunk in (first, second)}
    return None not in kinds and len(kinds) == 1


def _introduction(chunk: Phrase) -> str | None:
    """How a phrase is introduced; None where what stands before it may be said of both."""
    first = chunk[0]
    if first.lower in ARTICLES or first.tag == "CD":
        return "counted"
    if first.lower == "the":
        return "the"
    return "bare" if len(chunk) == 1 and first.tag == "NNS" else None


def _stand_alone(words: WordTree, first: Phrase, second: Phrase) -> bool:
    """Whether the pair is joined to nothing else, and what is said is said of both."""
    left = {child.dep for child in first.root.rights} - {"cc", "conj"}
    followed = second.end < len(words) and not words[second.end].is_punct
    if any(child.dep == "conj" for child in second.root.children) or (left and not followed):
        return False
    if second.end < len(words) and words.lower[second.end] in {",", "and", "or"}:
        return False
    lexical = load_neutral()
    at = _place_of(words, first, second, lexical)
    if at == "inside":
        return not followed
    return at == "start" and (not followed or _said_of_both(words, first, second, lexical))


def _place_of(words: WordTree, first: Phrase, second: Phrase, lexical: NeutralWords) -> str | None:
    """Where a pair is: at the "start" of what is shown, "inside" it, or None: not certain."""
    before = words[first.start - 1].lower if first.start else ""
    if not before:
        return "start"
    if words.lower[: first.start] in {("there", "is"), ("there", "are")}:
        return "start" if is_many(first) == is_many(second) else None
    if before == "of":
        shown = words[first.start - 2] if first.start > 1 else None
        return "start" if shown is not None and shown.lemma in PICTURES else None
    things = all(_class(chunk) not in {"person", "animal", "vehicle"} for chunk in (first, second))
    if things and (before in BETWEEN or before in lexical.has_both):
        return "inside"
    return None


def _said_of_both(words: WordTree, first: Phrase, second: Phrase, lexical: NeutralWords) -> bool:
    """Whether what follows is surely said of both: a verb, or where they are."""
    after = words[second.end]
    if after.lower in {"are", "were", "is"}:
        return after.lower == "are"
    if after.lower in lexical.shared:
        return _class(first) == _class(second)
    if after.lower in LYING_ON:
        return _ends_on_ground(words, after, lexical)
    return False


def _ends_on_ground(words: WordTree, preposition: Word, lexical: NeutralWords) -> bool:
    """Whether a preposition names where things are, and the caption ends with that."""
    starts = chunks_by_start(words)
    chunk = starts.get(preposition.i + 1)
    if chunk is None or chunk.root.lemma not in lexical.ground:
        return False
    return all(word.is_punct for word in words[chunk.end :])


def _class(chunk: Phrase) -> str:
    return chunk.words.parsed.mentions[chunk.root.i].noun.cls


def _exchange(rule: str, first: Phrase, second: Phrase) -> Rewording:
    old = lower_beginning(first.text) if first.start == 0 else first.text
    return Rewording(
        rule,
        (
            TokenPiece(first.start, first.end, second.text),
            TokenPiece(second.start, second.end, old),
        ),
        exchange=True,
    )
