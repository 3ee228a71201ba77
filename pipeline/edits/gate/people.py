"""What a text says of people's race, religion, disability, gender and age.

The first three are never edited; gender and age group as the setting says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Literal

from pipeline.core.ids import derive_seed
from pipeline.core.records import CaptionEdit, Role
from pipeline.core.stage import Fault
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.gate_words import load_characteristics
from pipeline.edits.lexicon.people import load_people
from pipeline.edits.parse.parsed_caption import GENDERED_PRONOUNS

Policy = Literal["allow", "balanced", "off"]

WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
REACH = 3
"""Words between what is said of a person and the word for the person."""

ENDS = frozenset(
    {"of", "in", "on", "at", "with", "by", "is", "are", "was", "and", "to", "for", "the", "a", "an",
     "from", "near", "under", "wearing", "holding"}
)  # fmt: skip
"""Words behind which something else is spoken of."""

IS = frozenset({"is", "are", "was", "were"})


def characteristic_fault(factual: str, caption: str) -> Fault | None:
    """Whether a caption says otherwise of anybody's race, religion or disability."""
    before, after = Counter(_factual_marks(factual)), Counter(_marks(caption))
    for area, word in after - before:
        return Fault("text.protected_characteristic", f"{area}: {word}")
    for area, word in before - after:
        return Fault("text.protected_characteristic", f"{area}: {word} is taken away")
    return _kind_fault(factual, caption)


def introduced_characteristic(factual: str, caption: str) -> Fault | None:
    """The same for another scene, which may leave out whoever the caption is about."""
    before, after = Counter(_factual_marks(factual)), Counter(_marks(caption))
    for area, word in after - before:
        return Fault("text.protected_characteristic", f"{area}: {word}")
    return _kind_fault(factual, caption)


def _kind_fault(factual: str, caption: str) -> Fault | None:
    """A thing of one religion in the place of one of another."""
    for name, area in load_characteristics().areas.items():
        before, after = (
            {kind for kind, found in area.by_kind.items() if found.search(text.lower())}
            for text in (factual, caption)
        )
        if before - after and after - before:
            return Fault("text.protected_characteristic", f"{name}: {sorted(after - before)[0]}")
    return None


@lru_cache(maxsize=16)
def _factual_marks(factual: str) -> tuple[tuple[str, str], ...]:
    """The marks of a factual wording, which the edits of a caption share."""
    return tuple(_marks(factual))


def _marks(text: str) -> Iterator[tuple[str, str]]:
    """What a text says of people: area and word."""
    low = text.lower()
    words = WORD.findall(low)
    for name, area in load_characteristics().areas.items():
        yield from ((name, match.group()) for match in area.anywhere.finditer(low))
        for at, word in enumerate(words):
            if word in area.of_people and _is_of_person(words, at):
                yield name, word


def _is_of_person(words: list[str], at: int) -> bool:
    """Whether a word is said of a person: "a blind old man", "the man is blind"."""
    for word in words[at + 1 : at + 1 + REACH]:
        if word in ENDS or word in GENDERED_PRONOUNS:
            # "wearing a black dress as she arrives": a pronoun takes no adjective.
            break
        if is_person(word):
            return True
    return at > 1 and words[at - 1] in IS and any(map(is_person, words[max(0, at - 4) : at - 1]))


@cache
def is_person(word: str) -> bool:
    """Whether a word names people."""
    entry = load_lexicon().nouns.forms.get(word)
    if entry is not None and entry[0].cls == "person":
        return True
    table = load_characteristics()
    gender, age = table.gender, table.age
    if word in gender.male | gender.female or word in {"person", "people", "persons", "someone"}:
        return True
    return word in (age.young | age.grown | age.old) - age.of_things


def demographic_fault(edit: CaptionEdit, policy: Policy) -> Fault | None:
    """Whether an edit changes gender or age group where the setting forbids it."""
    if policy == "allow":
        return None
    for subkind, before, after in _demographic_changes(edit):
        rate = _rate(edit.old.lower(), edit.new.lower(), subkind) if policy == "balanced" else 0.0
        if derive_seed(0, edit.factual, subkind) >= rate * 2**63:
            why = "off" if policy == "off" else "balanced: this direction is the commoner one"
            detail = f"{'/'.join(sorted(before))} → {'/'.join(sorted(after))}: {why}"
            return Fault("text.demographics", detail)
    return None


def _rate(old: str, new: str, subkind: str) -> float:
    """Share of an exchange that is kept; all of those that the table does not know."""
    singular = load_lexicon().nouns.forms
    lemma = singular[old][0].lemma if old in singular else old
    other = singular[new][0].lemma if new in singular else new
    for known, replacement, rate in load_people().exchanges.get(lemma, ()):
        if known == subkind and replacement == other:
            return rate
    return 1.0


def _demographic_changes(edit: CaptionEdit) -> Iterator[tuple[str, set[str], set[str]]]:
    """Subkind with what was said of people and what is now, where the two differ."""
    before: set[int] = set()
    after: set[int] = set()
    for piece, span in zip(edit.replacements, edit.caption_spans, strict=True):
        if piece.role is Role.EDIT:
            before |= set(range(piece.start, piece.end))
            after |= set(range(*span))
    old, new = _groups(edit.factual, before), _groups(edit.caption, after)
    for subkind in ("gender", "age_group"):
        was, now = old[subkind], new[subkind]
        # A dog in the place of a man is no edit of gender.
        if was != now and old["people"] and new["people"] and (now or was):
            yield subkind, was, now


def _groups(text: str, inside: set[int] | None = None) -> dict[str, set[str]]:
    """Genders and age groups of the people whom a text, or some characters of it, speaks of."""
    table = load_characteristics()
    matches = list(WORD.finditer(text.lower()))
    words = [match.group() for match in matches]
    found: dict[str, set[str]] = {"gender": set(), "age_group": set(), "people": set()}
    for at, match in enumerate(matches):
        if inside is not None and inside.isdisjoint(range(*match.span())):
            continue
        word = match.group()
        said = is_person(word) or (word in table.age.of_things and _is_of_person(words, at))
        if not said:
            continue
        found["people"].add(word)
        for name, known in (("male", table.gender.male), ("female", table.gender.female)):
            found["gender"] |= {name} if word in known else set()
        ages = (("young", table.age.young), ("grown", table.age.grown), ("old", table.age.old))
        for name, known in ages:
            found["age_group"] |= {name} if word in known else set()
    return found


def demographic_scene_fault(factual: str, caption: str, policy: Policy) -> Fault | None:
    """Whether another scene is about people of another gender or age, where that is off."""
    if policy != "off":
        return None
    before, after = _groups(factual), _groups(caption)
    for subkind in ("gender", "age_group"):
        more = after[subkind] - before[subkind]
        if before["people"] and more and (before[subkind] or subkind == "gender"):
            return Fault("text.demographics", f"{_joined(more)} instead of others: off")
    return None


def _joined(words: Iterable[str]) -> str:
    return "/".join(sorted(words))
