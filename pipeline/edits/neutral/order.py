"""Two that stand beside each other on equal terms change places: "a cat and a dog"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.apply.case import lower_beginning
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.neutral import load_neutral
from pipeline.edits.neutral.rewording import ARTICLES, REFERRING, Rewording, is_visible
from pipeline.edits.parse.phrases import chunks_by_start
from pipeline.edits.parse.word_tree import Phrase, WordTree
from pipeline.edits.rules.count.words import PICTURES

SIMPLE = frozenset({"DT", "JJ", "NN", "NNS", "CD"})


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
    followed = second.end < len(words) and not words[second.end].is_punct
    joined = {child.dep for child in first.root.rights} - {"cc", "conj"}
    after = words.lower[second.end] if second.end < len(words) else ""
    if (joined and not followed) or after in {",", "and", "or"}:
        return False
    if any(child.dep == "conj" for child in second.root.children):
        return False
    before = words.lower[first.start - 1] if first.start else ""
    shown = words[first.start - 2].lemma if before == "of" and first.start > 1 else ""
    if not before or shown in PICTURES:
        alike = after in load_neutral().shared and _class(first) == _class(second)
        return not followed or after == "are" or alike
    things = all(_class(chunk) not in {"person", "animal", "vehicle"} for chunk in (first, second))
    return things and not followed and (before == "with" or before in load_neutral().has_both)


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
