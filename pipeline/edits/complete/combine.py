"""Which edits of one caption can be made together, and how those of one noun phrase join."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.parsed_caption import ParsedCaption

ARTICLES = frozenset({"a", "an", "the"})


def combine(
    reading: ParsedCaption, proposals: Iterable[Proposal], blocked: frozenset[int], most: int
) -> list[Proposal]:
    """The first `most` proposals that suit each other, kinds not yet chosen first.

    No two touch the same token, put in or take out the same word, or contradict each other;
    a number and a noun of one phrase are joined ("a dog" → "three cats").
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
            joined = _join(reading, chosen, proposal)
            if joined is not None:
                chosen = joined
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


def _join(
    reading: ParsedCaption, chosen: list[Proposal], proposal: Proposal
) -> list[Proposal] | None:
    """`chosen` and the proposal, or None where they do not go together."""
    result = list(chosen)
    for index, other in enumerate(chosen):
        if _overlap(other, proposal):
            pair = _as_one_phrase(other, proposal)
            if pair is None:
                return None
            result[index], proposal = pair
        elif not (
            _is_compatible(reading, other, proposal) and _is_compatible(reading, proposal, other)
        ):
            return None
    return [*result, proposal]


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


def _as_one_phrase(one: Proposal, other: Proposal) -> tuple[Proposal, Proposal] | None:
    """A number and a noun of one phrase, each with pieces of its own; None for anything else."""
    if {one.kind, other.kind} != {EditKind.COUNT, EditKind.OBJECT}:
        return None
    count, thing = (one, other) if one.kind is EditKind.COUNT else (other, one)
    new = None if thing.subkind == "several" else noun_after(thing)
    name = next(piece for piece in thing.pieces if piece.role is Role.EDIT)
    number = next((p for p in count.pieces if p.role is Role.EDIT), None)
    if new is None or number is None or not new.countable:
        return None
    if number.end == name.end:
        return _one_piece(one, count, thing, new)
    form = next((p for p in count.pieces if p.role is Role.REPAIR and p.end == name.end), None)
    if number.end > name.start:
        return None
    text = name.text
    if form is not None:
        old = load_lexicon().nouns.forms.get(form.text)
        if old is None:
            return None
        text = new.plural if old[1] else new.lemma
    kept = [p for p in count.pieces if p is not form]
    taken = {t for p in kept for t in range(p.start, p.end)}
    named = TokenPiece(name.start, name.end, text)
    extra = [p for p in thing.pieces if p is not name and not taken & {*range(p.start, p.end)}]
    joined = (
        replace(count, pieces=tuple(kept)),
        replace(thing, pieces=(named, *extra), new=text),
    )
    if _overlap(*joined):
        return None
    return joined if one is count else (joined[1], joined[0])


def _one_piece(
    one: Proposal, count: Proposal, thing: Proposal, new: Noun
) -> tuple[Proposal, Proposal] | None:
    """Join "chickens" → "a single chicken" and "chickens" → "ducks" to "a single duck"."""
    number = next(p for p in count.pieces if p.role is Role.EDIT)
    nouns = load_lexicon().nouns
    words = number.text.split()
    for width in range(min(nouns.longest, len(words)), 0, -1):
        entry = nouns.forms.get(" ".join(words[-width:]))
        if entry is not None:
            break
    else:
        return None
    text = " ".join((*words[:-width], new.plural if entry[1] else new.lemma))
    rest = [p for p in count.pieces if p is not number]
    merged = TokenPiece(number.start, number.end, text)
    joined = replace(count, pieces=(merged, *rest)), replace(thing, pieces=())
    return joined if one is count else (joined[1], joined[0])


def _is_compatible(reading: ParsedCaption, thing: Proposal, other: Proposal) -> bool:
    """Whether what `other` says of the noun that `thing` puts in can be said of it."""
    new = noun_after(thing)
    if new is None:
        return True
    if not thing.pieces or not other.pieces:
        # It is part of another edit's piece; what is said of it goes unchecked, so nothing is.
        return other.kind in {EditKind.COUNT, EditKind.OBJECT}
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
