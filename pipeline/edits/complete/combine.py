"""Which edits of one caption can be made together."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.parsed_caption import ParsedCaption

ARTICLES = frozenset({"a", "an", "the"})


def combine(
    reading: ParsedCaption, proposals: Iterable[Proposal], blocked: frozenset[int], most: int
) -> list[Proposal]:
    """The first `most` proposals that suit each other, kinds not yet chosen first.

    No two touch the same token, put in or take out the same word, or contradict each other.
    """
    chosen: list[Proposal] = []
    kinds: set[EditKind] = set()
    used: set[str] = set()
    waiting = [proposal for proposal in proposals if not _touches(proposal, blocked)]
    for fresh_kinds in (True, False):
        for proposal in waiting:
            if len(chosen) >= most:
                return chosen
            if (proposal.kind in kinds) == fresh_kinds:
                continue
            if not used.isdisjoint(proposal.new.split()):
                continue
            if all(_go_together(reading, one, proposal) for one in chosen):
                chosen.append(proposal)
                kinds.add(proposal.kind)
                texts = (text for other in chosen for text in (other.new, other.old))
                used = {word for text in texts for word in text.split()} - ARTICLES
    return chosen


def noun_after(proposal: Proposal) -> Noun | None:
    """The noun that an exchange of things puts in."""
    if proposal.kind is not EditKind.OBJECT:
        return None
    word = proposal.new
    for opening in ("a single ", "a ", "an ", "two ", "three ", "four "):
        word = word.removeprefix(opening)
    entry = load_lexicon().nouns.forms.get(word)
    return entry[0] if entry else None


def _go_together(reading: ParsedCaption, one: Proposal, other: Proposal) -> bool:
    """Whether two edits are of different words and say nothing against each other."""
    return (
        not _overlap(one, other)
        and _is_compatible(reading, one, other)
        and _is_compatible(reading, other, one)
    )


def _touches(proposal: Proposal, tokens: frozenset[int]) -> bool:
    """Whether a proposal replaces one of the tokens; an insertion replaces none."""
    return bool(tokens) and not all(
        tokens.isdisjoint(range(piece.start, piece.end)) for piece in proposal.pieces
    )


def _overlap(one: Proposal, other: Proposal) -> bool:
    """Whether both replace some token."""
    for piece in one.pieces:
        for its in other.pieces:
            if max(piece.start, its.start) < min(piece.end, its.end):
                return True
    return False


def _is_compatible(reading: ParsedCaption, thing: Proposal, other: Proposal) -> bool:
    """Whether what `other` says of the noun that `thing` puts in can be said of it."""
    new = noun_after(thing)
    if new is None:
        return True
    head = next(piece.end for piece in thing.pieces if piece.role is Role.EDIT) - 1
    piece = next(piece for piece in other.pieces if piece.role is Role.EDIT)
    lexicon = load_lexicon()
    if other.kind is EditKind.ATTRIBUTE:
        said = piece.end - 1
        if reading.heads[said] != head and (said < head or reading.deps[said] == "amod"):
            return True
        colours = lexicon.qualities.colours
        if other.new in colours.words:
            return other.new in colours.palette(new)
        return lexicon.qualities.scale_of(other.new, new) is not None
    if other.kind is EditKind.ACTION:
        verb = piece.start
        lemma = verb_lemma(other.new.split()[0], reading.tags[verb])
        actions, fits = lexicon.actions, lexicon.nouns.fits_any
        if reading.subject_of(verb) == head and lemma in actions.does:
            return fits(new, actions.does[lemma])
        if reading.role(head) == "dobj" and reading.governor(head) == verb:
            return lemma not in actions.fits or fits(new, actions.fits[lemma])
    return True
