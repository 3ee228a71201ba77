"""What one picture is drawn from, and how pictures that need each other share a batch.

A :class:`Draw` says everything that decides its picture, so that it can be drawn again
alone. A draw with a :class:`Guide` needs its source picture beside it in the model's batch;
where that is not among the draws, a row is added for it that nobody sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.records import AnchorImage, Replacement
from pipeline.core.strategies import StrategyParameters


@dataclass(frozen=True, slots=True)
class Guide:
    """The picture that a draw keeps to, and which words of the two captions belong together.

    Attributes:
        prompt: Caption of the source picture, which starts from the draw's own seed.
        factual: The wording that was edited. Most often it is `prompt`; else the two are
            aligned by the words that they share.
        replacements: The stored edit: `factual` with these is the draw's prompt.
    """

    prompt: str
    factual: str
    replacements: tuple[Replacement, ...] = ()


Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of width and height, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One picture to draw.

    Attributes:
        anchor_id: The set that it belongs to.
        variant: "control", "min0", "full0", …
        prompt: What to draw.
        seed: Seed of the initial noise. Draws of one set that have the same seed share
            their noise exactly.
        strategy: Name of the strategy that planned it.
        candidate: Which of the variant's candidates it is, from 0.
        parameters: The strategy's numbers.
        guide: The source picture that it keeps to, for `prompt_to_prompt`; for `inpaint`
            what says which words are edited.
        picture: The real picture that it starts from, for `inpaint` and `img2img`.
        box: Where a real picture is redrawn, if that is given.
        negative_prompt: What to keep out of it; empty for what the settings keep out of all.
    """

    anchor_id: str
    variant: str
    prompt: str
    seed: int
    strategy: str
    candidate: int = 0
    parameters: StrategyParameters = StrategyParameters()
    guide: Guide | None = None
    picture: AnchorImage | None = None
    box: Box | None = None
    negative_prompt: str = ""

    @property
    def source(self) -> tuple[str, int] | None:
        """Prompt and seed of the drawn picture that must be in its batch; None without one."""
        if self.guide is None or self.picture is not None:
            return None
        return self.guide.prompt, self.seed


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the model's batch.

    Attributes:
        draw: The draw to be made in it. A row that only serves as a source, or fills the
            batch, has that of the row that it serves, and is thrown away.
        prompt: What the row draws.
        source: Row whose picture this one keeps to; its own number for a plain picture.
        is_shown: Whether the draw's picture comes from this row.
    """

    draw: Draw
    prompt: str
    source: int
    is_shown: bool = True

    @property
    def seed(self) -> int:
        """Seed of the row's noise."""
        return self.draw.seed

    @property
    def negative_prompt(self) -> str:
        """What to keep out of the row's picture; a source has only what the settings say."""
        return self.draw.negative_prompt if self.is_shown else ""


def lay_rows(draws: Sequence[Draw], *, pad_to: int = 0) -> tuple[Row, ...]:
    """Rows of a batch: one for each draw, in order, then the sources that are not among them.

    Args:
        draws: What to draw at once; not empty where `pad_to` is given.
        pad_to: Plain copies of the first row are appended up to this number.
    """
    plain: dict[tuple[str, int], int] = {}
    for number, draw in enumerate(draws):
        if draw.source is None and draw.picture is None and not draw.negative_prompt:
            plain.setdefault((draw.prompt, draw.seed), number)
    hidden: list[Row] = []
    rows: list[Row] = []
    for number, draw in enumerate(draws):
        source = number
        if draw.source is not None:
            if draw.source not in plain:
                plain[draw.source] = len(draws) + len(hidden)
                hidden.append(Row(draw, draw.source[0], plain[draw.source], is_shown=False))
            source = plain[draw.source]
        rows.append(Row(draw, draw.prompt, source))
    rows += hidden
    for number in range(len(rows), pad_to):
        rows.append(Row(rows[0].draw, rows[0].prompt, number, is_shown=False))
    return tuple(rows)


def count_rows(draws: Sequence[Draw]) -> int:
    """Rows that the draws take together in the model's batch."""
    return len(lay_rows(draws))


def split_units(draws: Sequence[Draw], batch_size: int) -> list[tuple[int, ...]]:
    """Part draws into what must be drawn at once: a source with its edits, or a single draw.

    Returns numbers of draws, each once. They are in order within a unit; a unit stands where
    its first draw stood. A unit of more rows than `batch_size` is parted, and its source row
    repeated in each part: two rows are the least that a picture with a source takes.
    """
    members: dict[object, list[int]] = {}
    for number, draw in enumerate(draws):
        wanted = draw.source
        if wanted is None and draw.picture is None:
            wanted = (draw.prompt, draw.seed)
        name: object = number if wanted is None else (draw.anchor_id, wanted)
        members.setdefault(name, []).append(number)
    return [part for unit in members.values() for part in _parts(draws, unit, batch_size)]


def _parts(draws: Sequence[Draw], unit: Sequence[int], batch_size: int) -> list[tuple[int, ...]]:
    parts: list[tuple[int, ...]] = []
    part: list[int] = []
    for number in unit:
        if part and count_rows([draws[n] for n in [*part, number]]) > batch_size:
            parts.append(tuple(part))
            part = []
        part.append(number)
    return [*parts, tuple(part)]


def take_batch(rows: Sequence[int], batch_size: int) -> list[int]:
    """Numbers of the units that make the next batch: the first, then all that still fit.

    Args:
        rows: Rows of each unit that waits, in order.
        batch_size: Most rows of the batch; the first unit is taken even if it has more.
    """
    chosen: list[int] = []
    room = batch_size
    for number, size in enumerate(rows):
        if not chosen or size <= room:
            chosen.append(number)
            room -= size
        if room <= 0:
            break
    return chosen
