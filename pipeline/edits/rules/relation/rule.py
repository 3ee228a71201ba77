"""Relations in space: "a cat on a table" turns into "a cat under a table".

A relation is edited only where `lexicon/relations.toml` lists the ground, the figure and
the verb, so idioms, times and abstract uses are out by construction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon.relations import Move, load_relations
from pipeline.edits.lexicon.sizes import load_sizes
from pipeline.edits.parse.phrases import (
    PRONOUNS,
    chunks_by_start,
    content_noun,
    has_determiner,
    is_a,
    is_description,
    is_plural,
    subject_of,
    wordset,
)
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree, word_tree
from pipeline.edits.rules.relation.fixed_phrases import RULE, PlaceWords, relation_proposal

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEY = "counterfactory.relations"
IDIOMATIC_BARE = wordset(
    "bed school church hospital town office table board train bus car boat court market home "
    "street land city beach shore sea bar prison class ship desk"
)
OPEN_AIR = wordset("outdoor outdoors outside indoor indoors inside")
OUTDOORS = OPEN_AIR | {"guard", "sidewalk", "terrace", "patio", "rooftop", "street"}
"""Words that leave open on which side of the door it is: guards of a house stand before it."""
PICTURES = wordset("photo picture image photograph")
CLINGING = wordset("perch lean hang mount depend rest land hide")
"""Verbs that ask for the preposition behind them: what "perches on" does not "perch next to"."""
TOUCHING = wordset("touch touches touching touched hug hugging lean leaning")
"""Words of captions in which nothing is far from what it is beside."""
UNSEEN = wordset("believe think inclined")
PARTICLES = wordset("up down out off away back over around")


class RelationRule:
    """Replaces a spatial relation by one that cannot hold at the same time."""

    name = RULE
    kind = EditKind.RELATION

    def __init__(self) -> None:
        relations = load_relations()
        self._frozen = re.compile("|".join(map(re.escape, relations.frozen.phrases)))
        moves: dict[tuple[str, ...], list[Move]] = {}
        for move in relations.moves:
            for source in move.sources:
                moves.setdefault(source, []).append(move)
        self._by_first: dict[str, list[tuple[tuple[str, ...], list[Move]]]] = {}
        for source in sorted(moves, key=len, reverse=True):
            self._by_first.setdefault(source[0], []).append((source, moves[source]))
        self._place_words = PlaceWords()

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield every change of a relation, in the order of the text.

        They are found once and kept with the doc, because contrasts ask for them too.
        """
        kept = doc.user_data.get(KEY)
        if kept is None:
            words = word_tree(doc)
            kept = tuple(self._all(words)) if is_description(words) else ()
            doc.user_data[KEY] = kept
        yield from kept

    def _all(self, words: WordTree) -> Iterator[Proposal]:
        lowered = list(words.lower)
        chunks = chunks_by_start(words)
        text = f" {' '.join(words.lower)} "
        frozen = self._frozen.search(text) is not None
        for token in words:
            word = token.lower
            if word in self._place_words.words:
                yield from self._place_words.at(words, token, lowered)
            if word in self._by_first and not frozen:
                yield from self._moves(words, token, lowered, chunks, text)

    def _moves(
        self,
        words: WordTree,
        token: Word,
        lowered: list[str],
        chunks: dict[int, Phrase],
        text: str,
    ) -> Iterator[Proposal]:
        """Changes from the table at one token, for the longest phrase that stands there."""
        source, moves = next(
            (
                entry
                for entry in self._by_first[token.lower]
                if words.lower[token.i : token.i + len(entry[0])] == entry[0]
            ),
            ((), []),
        )
        end = token.i + len(source)
        ground = chunks.get(end)
        if not moves or ground is None or token.i == 0:
            return
        if _is_part_of_other_relation(words, token) or _has_words_out_of_order(ground):
            return
        figure, verb = _figure_and_verb(token, end)
        if figure is None or figure.head.lower == "by" or figure.lemma in PICTURES:
            return
        if any(child.dep in {"conj", "cc"} for child in ground.root.children):
            # "in a pink house and patterned skirt": what it is in is not clear.
            return
        names = {"person"} if figure.lower in PRONOUNS else {figure.lemma}
        names.add(content_noun(figure).lemma)
        bare = not has_determiner(ground) and not is_plural(ground.root)
        for move in moves:
            if ground.root.lemma not in move.grounds:
                continue
            if not names & move.figures or (
                bare and move.article is False and _is_idiom_without_article(ground)
            ):
                continue
            if verb is not None and (verb.lemma in CLINGING or _has_particle_before(verb, token)):
                continue
            if verb is not None and verb.tag == "VB":
                # "tried to walk across": meant, not seen.
                continue
            if bare and not move.article and _has_article(figure):
                # "a frog in rain forest": a style of its own, not that of a headline.
                continue
            if move.needs_verb if verb is None else verb.lemma not in move.verbs:
                continue
            for target in move.targets:
                if target in {"in", "on"} and _is_too_large(figure, ground.root):
                    continue
                if target not in {"in", "on"} and f" {target} " in text:
                    continue
                if target == "far from" and TOUCHING & set(lowered):
                    continue
                if target == "outside" and (
                    is_a(words[token.i - 1].lemma, "furniture")
                    or _has_of_phrase(ground.root)
                    or (OUTDOORS | UNSEEN) & set(lowered)
                ):
                    continue
                words_in = f"{target} the" if bare and move.article else target
                yield relation_proposal(
                    words, token.i, end, words_in, move.subkind, move.weight / len(move.targets)
                )


def _is_too_large(figure: Word, ground: Word) -> bool:
    """Whether a living thing is larger than what it would be in or on: a giraffe in a tree."""
    mentions = figure.words.parsed.mentions
    one, other = mentions.get(figure.i), mentions.get(ground.i)
    if one is None or other is None or one.noun.cls != "animal":
        return False
    ranks = (load_sizes().rank(one.noun), load_sizes().rank(other.noun))
    return ranks[0] is not None and ranks[1] is not None and ranks[0] > ranks[1]


def _is_idiom_without_article(ground: Phrase) -> bool:
    """Whether a ground without a determiner reads as an idiom: "in school", "in bed"."""
    return len(ground) == 1 and ground.root.lemma in IDIOMATIC_BARE


def _has_of_phrase(noun: Word) -> bool:
    """Whether an "of" phrase identifies the noun: "the building of this playhouse"."""
    return any(child.dep == "prep" and child.lower == "of" for child in noun.children)


def _has_words_out_of_order(ground: Phrase) -> bool:
    """Whether the words of a noun phrase are out of order: "golden a plate"."""
    return any(token.tag == "DT" and token.i > ground.start for token in ground)


def _has_article(noun: Word) -> bool:
    """Whether a noun has a determiner of its own."""
    return any(child.dep in {"det", "poss", "nummod"} for child in noun.children)


def _has_particle_before(verb: Word, token: Word) -> bool:
    """Whether a particle stands right before the preposition: "looked down at"."""
    before = token.words[token.i - 1]
    return before.head is verb and before.dep in {"prt", "advmod"} and before.lower in PARTICLES


def _is_part_of_other_relation(words: WordTree, token: Word) -> bool:
    """Whether the word before makes another relation: "up on", "from under", "from behind"."""
    return words[token.i - 1].lower in {
        "from",
        "as",
        "than",
        "like",
        "of",
        "to",
        "far",
        "close",
        "out",
        "not",
    }


def _figure_and_verb(token: Word, end: int) -> tuple[Word | None, Word | None]:
    """The figure of a relation, and the verb between the two (None where there is none)."""
    head = token.head
    steps = 0
    while token.i <= head.i < end and head.head != head and steps < 4:
        head, steps = head.head, steps + 1
    if token.i <= head.i < end:
        before = token.words[token.i - 1]
        return (before, None) if before.pos in {"NOUN", "PROPN"} else (None, None)
    if head.i > token.i:
        return None, None
    if head.pos in {"NOUN", "PROPN", "PRON"}:
        return head, None
    if head.pos not in {"VERB", "AUX"}:
        return None, None
    if head.tag == "VBG" and head.dep == "acl" and head.head.dep == "dobj":
        # "a girl reading a book sitting on a chair": it is the girl who sits.
        return subject_of(head.head.head), head
    return subject_of(head), head
