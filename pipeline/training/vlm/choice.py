"""Which of a set's counterfactuals one training step sees. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pipeline.core.errors import ConfigError
from pipeline.core.truth import CONTROL, FACTUAL
from pipeline.training.vlm.sample import KINDS, Described, Entry, NeutralText

T = TypeVar("T")
AnchorPicture = Literal["control", "factual", "either"]
Pictures = Literal["optional", "required", "none"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a training asks of a set; see :class:`pipeline.training.vlm.loader`.

    Attributes:
        anchor: Which factual picture.
        pictures: Whether there must, may or need not be pictures.
        kinds: Kinds of edits; None for all.
        max_edits: Most edits; None for all.
        max_full: Most complete counterfactuals; None for all.
        max_neutral: Most neutral variants; None for all.
        balance: "kind": prefer the kinds given least so far.
        top_up: Whether to repeat edits until there are `max_edits`.
        split: Only anchors of this part; None for all.

    Raises:
        ConfigError: A value cannot be.
    """

    anchor: AnchorPicture = "control"
    pictures: Pictures = "optional"
    kinds: frozenset[str] | None = None
    max_edits: int | None = None
    max_full: int | None = None
    max_neutral: int | None = 0
    balance: Literal["kind"] | None = None
    top_up: bool = False
    split: str | None = None

    def __post_init__(self) -> None:
        choices: tuple[tuple[str, tuple[str | None, ...]], ...] = (
            ("anchor", ("control", "factual", "either")),
            ("pictures", ("optional", "required", "none")),
            ("balance", (None, "kind")),
            ("split", (None, "train", "validation", "test")),
        )
        for name, allowed in choices:
            if getattr(self, name) not in allowed:
                raise ConfigError(f"{name} must be one of {allowed}, not {getattr(self, name)!r}")
        if unknown := sorted((self.kinds or frozenset()) - {*KINDS}):
            raise ConfigError(
                f"no kinds of edits: {', '.join(unknown)}; there are {', '.join(KINDS)}"
            )
        if self.max_edits is None and (self.balance or self.top_up):
            raise ConfigError("balance and top_up choose and fill up to max_edits; give it")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen of one set.

    Attributes:
        image_variant: Which factual picture; None for none.
        image_file: Its field.
        edits: Entry, whether its picture is a negative to that one, and whether it repeats.
        fulls: Complete counterfactuals.
        with_pictures: Whether pictures are to be decoded at all.
        neutral: Neutral variants.
    """

    image_variant: str | None
    image_file: str | None
    edits: tuple[tuple[Entry, bool, bool], ...]
    fulls: tuple[Entry, ...]
    with_pictures: bool
    neutral: tuple[NeutralText, ...] = ()


@dataclass(slots=True)
class Chooser:
    """Chooses by the wishes; with `balance` it remembers what it gave.

    Attributes:
        wishes: What is asked for.
        given: Kind → edits given so far.
    """

    wishes: Wishes
    given: dict[str, int] = field(default_factory=dict)

    def choose(self, described: Described, rng: random.Random) -> Choice | None:
        """Choose from one set; None where it lacks what must be there.

        Args:
            described: The set.
            rng: The set's own random numbers.
        """
        wishes = self.wishes
        if wishes.split is not None and described.split != wishes.split:
            return None
        variant, file = self._anchor_picture(described, rng)
        required = wishes.pictures == "required"
        if required and file is None:
            return None
        edits = [
            (entry, _is_negative(entry, described, file))
            for entry in described.edits
            if wishes.kinds is None or entry.kind in wishes.kinds
        ]
        fulls = list(described.fulls)
        if required:
            edits = [edit for edit in edits if edit[1]]
            fulls = [full for full in fulls if full.file is not None]
        has_edits = bool(edits) and wishes.max_edits != 0
        has_fulls = bool(fulls) and wishes.max_full != 0
        only_factual = wishes.max_edits == 0 and wishes.max_full == 0
        if not (has_edits or has_fulls or only_factual):
            return None
        if wishes.top_up and not edits:
            return None
        chosen = [(entry, negative, False) for entry, negative in self._edits(edits, rng)]
        if wishes.top_up and wishes.max_edits is not None:
            own = len(chosen)
            chosen += [(*chosen[index % own][:2], True) for index in range(wishes.max_edits - own)]
        if wishes.max_full is not None and len(fulls) > wishes.max_full:
            fulls = _in_order(rng.sample(range(len(fulls)), wishes.max_full), fulls)
        neutral = list(described.neutral)
        if wishes.max_neutral is not None and len(neutral) > wishes.max_neutral:
            neutral = _in_order(rng.sample(range(len(neutral)), wishes.max_neutral), neutral)
        return Choice(
            variant, file, tuple(chosen), tuple(fulls), wishes.pictures != "none", tuple(neutral)
        )

    def _anchor_picture(
        self, described: Described, rng: random.Random
    ) -> tuple[str | None, str | None]:
        files = described.image_files
        if self.wishes.pictures == "none":
            return None, None
        if self.wishes.anchor == "either":
            there = [name for name in (CONTROL, FACTUAL) if name in files]
            variant = rng.choice(there) if there else None
        else:
            variant = self.wishes.anchor if self.wishes.anchor in files else None
        return variant, files[variant] if variant else None

    def _edits(
        self, edits: list[tuple[Entry, bool]], rng: random.Random
    ) -> list[tuple[Entry, bool]]:
        most = self.wishes.max_edits
        if most is None or len(edits) <= most:
            numbers = list(range(len(edits)))
        elif self.wishes.balance is None:
            numbers = rng.sample(range(len(edits)), most)
        else:
            numbers = self._rarest(edits, most, rng)
        for number in numbers:
            kind = edits[number][0].kind
            self.given[kind] = self.given.get(kind, 0) + 1
        return _in_order(numbers, edits)

    def _rarest(
        self, edits: Sequence[tuple[Entry, bool]], most: int, rng: random.Random
    ) -> list[int]:
        """Numbers of edits, each time of the kind that was given least."""
        left = list(range(len(edits)))
        given = dict(self.given)
        numbers: list[int] = []
        for _ in range(most):
            rng.shuffle(left)
            number = min(left, key=lambda index: given.get(edits[index][0].kind, 0))
            kind = edits[number][0].kind
            given[kind] = given.get(kind, 0) + 1
            left.remove(number)
            numbers.append(number)
        return numbers


def _is_negative(entry: Entry, described: Described, anchor_file: str | None) -> bool:
    """Whether the edit's picture is a negative beside *this* factual picture."""
    beside = entry.truth.pair_image
    return (
        entry.truth.image_is_negative
        and entry.file is not None
        and anchor_file is not None
        and beside is not None
        and described.image_files.get(beside) == anchor_file
    )


def _in_order(numbers: Sequence[int], items: Sequence[T]) -> list[T]:
    return [items[number] for number in sorted(numbers)]
