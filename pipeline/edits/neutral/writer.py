"""Writes the neutral variants of a caption: by rules on its parse, and none where in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from pipeline.core.ids import derive_seed
from pipeline.core.records import Anchor, CaptionEdit, FullCaption, NeutralCaption, replaced
from pipeline.edits.apply.case import letter_case
from pipeline.edits.apply.proposal import place
from pipeline.edits.neutral import clauses, order
from pipeline.edits.neutral.rewording import Reword
from pipeline.edits.neutral.synonyms import synonyms
from pipeline.edits.parse.word_tree import word_tree

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from pipeline.edits.complete.vocabulary import Vocabulary

REWORDS: Final[tuple[Reword, ...]] = (
    order.reorder_pairs,
    order.reorder_colours,
    clauses.drop_be,
    clauses.add_be,
    clauses.drop_there_is,
    clauses.introduce,
    clauses.drop_relative,
    clauses.drop_picture,
    synonyms,
)


def rewordings(doc: Doc) -> Iterator[tuple[NeutralCaption, float]]:
    """Every neutral variant that the rules stand behind, in the letters of the doc.

    With each the share of its like that is wanted.
    """
    words = word_tree(doc)
    if not len(words) or not words.parsed.is_description or words.parsed.is_conversational:
        return
    for reword in REWORDS:
        for found in reword(words):
            pieces = place(doc, found.pieces, exchange=found.exchange)
            yield NeutralCaption(replaced(words.text, pieces), found.rule), found.share


def write_neutral(
    doc: Doc,
    anchor: Anchor,
    most: int,
    *,
    run_seed: int,
    taken: Iterable[CaptionEdit | FullCaption] = (),
    vocabulary: Vocabulary | None = None,
) -> tuple[NeutralCaption, ...]:
    """At most `most` neutral variants, drawn by the run seed, of as many rules as there are.

    A rewording whose reverse is rarer in real captions is taken less often by as much, so that
    no word and no form is the mark of a variant (detailed balance).

    Args:
        doc: The parsed caption, in lower case where it is in capitals or a title.
        anchor: Its anchor.
        most: Most variants.
        run_seed: Seed of the draw.
        taken: What means something else: a variant that reads the same would contradict it.
        vocabulary: The words that may be used, where they are few.
    """
    if not most:
        return ()
    case = letter_case(anchor.caption)
    false = {made.caption for made in taken}
    there: dict[str, tuple[int, str]] = {}
    for one, share in rewordings(doc):
        if vocabulary is not None and vocabulary.unknown_word(one.caption, doc.text) is not None:
            continue
        text = one.caption if case is None else case.written(one.caption)
        drawn = derive_seed(run_seed, anchor.anchor_id, f"neutral {one.rule} {text}")
        if text not in false and text != anchor.caption and drawn < share * 2**63:
            there.setdefault(text, (drawn, one.rule))
    turns: Counter[str] = Counter()
    order_of: list[tuple[int, float, str]] = []
    for text, (drawn, rule) in sorted(there.items(), key=lambda item: item[1]):
        order_of.append((turns[rule], drawn, text))
        turns[rule] += 1
    return tuple(NeutralCaption(text, there[text][1]) for _, _, text in sorted(order_of)[:most])
