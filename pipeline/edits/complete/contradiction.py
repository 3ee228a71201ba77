"""In which respects two captions cannot be true of one picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.edits.complete.scene_facts import PEOPLE, SEVERAL, STAND_INS, SceneFacts
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.complete import load_complete

COMPANION = "companion"
"""Other things beside the main one: they may all be there, so they do not suffice."""

FEWEST_RESPECTS = 2


def contradictions(one: SceneFacts, other: SceneFacts) -> tuple[str, ...]:
    """In what two scenes differ so that one picture shows at most one of them, in a fixed order.

    The same for both directions. Empty where there are fewer than two such respects, or where
    none of them excludes the other by itself: of several of a thing, one may be told of.
    """
    found: list[str] = []
    if _other_thing(one, other):
        found.append("object")
    if _other_number(one.number, other.number):
        found.append("count")
    if _other_quality(one, other):
        found.append("attribute")
    if _exclude_each_other(one.doing, other.doing):
        found.append("action")
    if _elsewhere(one, other) or _at_another_time(one, other):
        found.append("setting")
    decides = bool({*found} - {"count"})
    if _are_told_apart(one.lemma, other.lemma):
        found.append("object")
    if _other_company(one, other):
        found.append(COMPANION)
    return tuple(found) if decides and len(found) >= FEWEST_RESPECTS else ()


def _other_thing(one: SceneFacts, other: SceneFacts) -> bool:
    if one.sort == PEOPLE or STAND_INS in {one.group, other.group}:
        return False
    general = load_complete().general
    if one.lemma in general or other.lemma in general:
        return False
    if _any_akin([one.lemma], other.things | other.places):
        return False
    if _any_akin([other.lemma], one.things | one.places):
        return False
    return not _akin(one.lemma, other.lemma)


def _other_number(one: str, other: str) -> bool:
    if not one or not other or one == other:
        return False
    return SEVERAL not in {one, other} or "1" in {one, other}


def _other_quality(one: SceneFacts, other: SceneFacts) -> bool:
    """Whether a thing that both show is said to be at two poles of one scale."""
    mine: dict[tuple[str, str], set[str]] = {}
    its: dict[tuple[str, str], set[str]] = {}
    for said, qualities in ((mine, one.qualities), (its, other.qualities)):
        for noun, scale, pole in qualities:
            said.setdefault((noun, scale), set()).add(pole)
    same_thing = one.lemma == other.lemma
    return any(
        key in its and mine[key].isdisjoint(its[key]) and (key[0] or same_thing) for key in mine
    )


def _are_told_apart(one: str, other: str) -> bool:
    """Whether one sees that the people of two captions are others: a woman, a boy."""
    kinds = load_complete().people_apart
    mine = next((number for number, kind in enumerate(kinds) if one in kind), None)
    its = next((number for number, kind in enumerate(kinds) if other in kind), None)
    return mine is not None and its is not None and mine != its


def _exclude_each_other(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether nobody does both at once."""
    if not one or not other or not one.isdisjoint(other):
        return False
    words = load_complete()
    return any(_is_exclusive(a, b, words.posture, words.moving) for a in one for b in other)


def _is_exclusive(one: str, other: str, posture: frozenset[str], moving: frozenset[str]) -> bool:
    if one in moving or other in moving:
        return True
    return (one in posture) == (other in posture)


def _elsewhere(one: SceneFacts, other: SceneFacts) -> bool:
    if not one.settings or not other.settings:
        return False
    words, nouns = load_complete(), load_lexicon().nouns.by_lemma
    if not any(words.are_together(a, b) for a in one.settings for b in other.settings):
        return True
    # A kitchen and a bathroom are both rooms, and yet not one place.
    if _any_akin(one.places, other.places):
        return False
    return any(
        a in nouns
        and b in nouns
        and nouns[a].group is nouns[b].group
        and nouns[a].cls in {"place", "building"}
        and nouns[a].group.name != "waters"
        for a in one.places
        for b in other.places
    )


def _at_another_time(one: SceneFacts, other: SceneFacts) -> bool:
    mine, its = dict(one.times), dict(other.times)
    return any(group in its and its[group] != lemma for group, lemma in mine.items())


def _other_company(one: SceneFacts, other: SceneFacts) -> bool:
    mine, its = set(_told(one)), set(_told(other))
    return bool(mine and its) and not _any_akin(mine, its)


def _told(facts: SceneFacts) -> Iterator[str]:
    """The things beside the main one that are more than a background."""
    words, nouns = load_complete(), load_lexicon().nouns.by_lemma
    for thing in facts.things - words.general:
        if thing in nouns and nouns[thing].cls not in words.background:
            yield thing


def _any_akin(one: Iterable[str], other: Iterable[str]) -> bool:
    others = list(other)
    return any(_akin(a, b) for a in one for b in others)


def _akin(one: str, other: str) -> bool:
    return one == other or other in load_lexicon().nouns.akin(one)
