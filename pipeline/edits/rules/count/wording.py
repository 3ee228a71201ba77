"""Numbers that differ at a glance, and the factual wording with "one": "one dog on a beach".

"two dogs" is far less likely than "a dog" and gives itself away; beside "one dog" it does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.records import Role
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

ONE = "one"
ARTICLES = frozenset({"a", "an"})


def wording_with_one(parsed: ParsedCaption, vocab: Vocab, start: int, end: int) -> Doc | None:
    """The caption with "one" in the place of the tokens [start, end), an article or nothing.

    None where a bare noun opens the caption with a capital, which might be that of a name.
    """
    from spacy.tokens import Doc as SpacyDoc

    texts = [parsed.text[first:last] for first, last in parsed.char_spans]
    begins = [*(first for first, _ in parsed.char_spans[1:]), len(parsed.text)]
    spaces = [last < begin for (_, last), begin in zip(parsed.char_spans, begins, strict=True)]
    replaced = texts[start] if start < end else ""
    if start == end and texts[start][:1].isupper():
        return None
    one = ONE.capitalize() if replaced[:1].isupper() else ONE
    texts[start:end] = [one]
    spaces[start:end] = [True]
    return SpacyDoc(vocab, words=texts, spaces=spaces)


def applied_to_wording_with_one(proposal: Proposal, wording: Doc) -> Proposal:
    """The same edit of the wording that :func:`wording_with_one` made for its place."""
    number = next(piece for piece in proposal.pieces if piece.role is Role.EDIT)
    shift = 1 - (number.end - number.start)

    def moved(piece: TokenPiece) -> TokenPiece:
        if piece is number:
            return replace(piece, end=piece.start + 1)
        if piece.start < number.end:
            return piece
        return replace(piece, start=piece.start + shift, end=piece.end + shift)

    noun = proposal.old.removeprefix("an ").removeprefix("a ")
    return replace(
        proposal,
        pieces=tuple(moved(piece) for piece in proposal.pieces),
        old=f"{ONE} {noun}",
        wording=wording,
        place=(number.start, number.end),
    )


def decisive_words(mention: NounMention, old: str, new: str, plural: bool) -> tuple[str, str]:
    """Number and noun of both sides, without the adjectives between: "a man", "two men"."""
    noun = mention.noun
    singular = "person" if noun.lemma == "people" else noun.lemma
    before = noun.plural if mention.plural else singular
    after = noun.plural if plural else singular
    said = article_for(before) if old in ARTICLES else old
    says = article_for(after) if new in ARTICLES else new
    return f"{said} {before}".strip(), f"{says} {after}".strip()


def piece_without_number(
    parsed: ParsedCaption,
    mention: NounMention,
    place: tuple[int, int],
    repairs: list[TokenPiece],
) -> tuple[TokenPiece, list[TokenPiece]]:
    """Some instead of one, and the repairs that are left: "a boat on a lake" → "boats on a lake".

    The way back from what captions say most of several things, which is no number.
    """
    start, end = place
    if start < end and mention.start > end:
        # The article goes with the word behind it, which may have to take its capital.
        first, last = parsed.char_spans[end]
        return TokenPiece(start, end + 1, parsed.text[first:last]), repairs
    first_token = start if start < end else mention.start
    piece = TokenPiece(first_token, mention.head + 1, mention.noun.plural)
    return piece, [repair for repair in repairs if repair.start != mention.start]


def with_noun(
    parsed: ParsedCaption,
    mention: NounMention,
    piece: TokenPiece,
    noun: str,
    repairs: list[TokenPiece],
) -> tuple[TokenPiece, list[TokenPiece]]:
    """The number with its noun, and the repairs that are left.

    "person" and "people" are two words, and so part of the decisive piece.
    """
    text = " ".join((piece.text, *parsed.lower[piece.end : mention.start], noun))
    whole = TokenPiece(piece.start, mention.head + 1, text)
    return whole, [repair for repair in repairs if repair.start != mention.start]


def other_numbers(number: int) -> tuple[int, ...]:
    """Numbers that a person sees to differ at a glance."""
    if number <= 4:
        return tuple(other for other in (1, 2, 3, 4, 5) if other != number)
    if number <= 6:
        return (1, 2, 3, 10)
    return (1, 2, 3, 4)
