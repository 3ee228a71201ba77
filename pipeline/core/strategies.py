"""The strategies by which a set's pictures are drawn, and their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

SAME_NOISE: Final = "same_noise"
"""The control and the minimal edits of a set start from one noise: they differ by caption."""

PROMPT_TO_PROMPT: Final = "prompt_to_prompt"
"""Beside the noise, a minimal edit takes part in the attention of its control (Hertz et al.
2022, arXiv 2208.01626)."""

INDEPENDENT: Final = "independent"
"""A picture with noise of its own."""

INPAINT: Final = "inpaint"
"""A real picture is drawn anew where the edited words are, and kept elsewhere."""

IMG2IMG: Final = "img2img"
"""A real picture is drawn anew from under noise that is laid over all of it."""


@dataclass(frozen=True, slots=True)
class StrategyParameters:
    """The numbers of a strategy; None where one does not apply.

    Attributes:
        self_attention: Fraction of the steps, from the first, in which the picture takes
            the queries and keys of its source's self-attention. What is left of a whole
            step is mixed in by its share, so that a share of 0.5 of a single step can be had.
        cross_attention: Fraction of the steps, from the first, in which the words that both
            captions share, and those that replace each other, look where the source's did.
        appearance: Fraction of the steps, the last ones, in which the picture reads the keys
            and values of its source's self-attention with its own queries (mutual
            self-attention, Cao et al. 2023, arXiv 2304.08465): things may move and keep
            their looks. Parts of a step count as above.
        blend: Where the edited words' attention lies below this share of its range, the
            picture is its source.
        strength: Share of the noise that is laid over a real picture before it is redrawn.
        mask: Share of its range above which the edited words' attention on a real picture
            says that it is redrawn there.
    """

    self_attention: float | None = None
    cross_attention: float | None = None
    appearance: float | None = None
    blend: float | None = None
    strength: float | None = None
    mask: float | None = None

    def __post_init__(self) -> None:
        for name, value in self.to_json().items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must be from 0 to 1, not {value}")

    def to_json(self) -> dict[str, float]:
        """The numbers that apply, by name: what a sample stores."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: float(value) for name, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, stored: Mapping[str, float]) -> StrategyParameters:
        """The reverse of :meth:`to_json`.

        Raises:
            ValueError: An unknown name, or a value out of its range.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(stored) - known):
            raise ValueError(f"no strategy has a parameter {unknown[0]!r}")
        return cls(**stored)
