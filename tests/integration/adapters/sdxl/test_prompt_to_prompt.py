"""Prompt-to-prompt on a real pipeline: what it must keep, whatever the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.draws import Draw, Guide, count_rows
from pipeline.core.errors import PermanentError
from pipeline.core.records import Replacement
from pipeline.core.strategies import INDEPENDENT, PROMPT_TO_PROMPT, SAME_NOISE, StrategyParameters

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


Picture = NDArray[np.uint8]


HALF = StrategyParameters(0.5, 0.5)


WHOLE = StrategyParameters(1.0, 1.0)


def control(prompt: str = "a red car on the street", seed: int = 11) -> Draw:
    return Draw("a0", "control", prompt, seed, SAME_NOISE)


def edit(
    source: Draw,
    old: str,
    new: str,
    parameters: StrategyParameters = HALF,
    *,
    variant: str = "min0",
) -> Draw:
    """The source's caption with one word replaced, drawn by prompt-to-prompt."""
    start = source.prompt.index(old)
    piece = Replacement(start, start + len(old), old, new)
    prompt = source.prompt.replace(old, new, 1)
    guide = Guide(source.prompt, source.prompt, (piece,))
    return Draw(
        source.anchor_id,
        variant,
        prompt,
        source.seed,
        PROMPT_TO_PROMPT,
        parameters=parameters,
        guide=guide,
    )


def same(source: Draw, parameters: StrategyParameters = WHOLE) -> Draw:
    """The source's own caption, drawn by prompt-to-prompt."""
    return replace(
        source,
        variant="min0",
        strategy=PROMPT_TO_PROMPT,
        parameters=parameters,
        guide=Guide(source.prompt, source.prompt),
    )


SOURCE = control()


BOATS = control("two boats on the lake at sunset", 12)


GROUPS = (
    SOURCE,
    edit(SOURCE, "red", "blue"),
    edit(SOURCE, "car", "fire engine", StrategyParameters(0.3, 0.8), variant="min1"),
    edit(SOURCE, "red ", "", StrategyParameters(0.9, 0.0, 0.6), variant="min2"),
    BOATS,
    edit(BOATS, "two", "three", StrategyParameters(0.25, 0.25)),
    Draw("a1", "full0", "people serving food", 13, INDEPENDENT),
)


SAMPLING: list[dict[str, Any]] = [
    {},
    {"guidance_scale": 0.0},
    {"scheduler": "euler_a"},
    {"scheduler": "lcm", "guidance_scale": 0.0, "steps": 2},
]


NAMES = ["guided", "unguided", "euler_a", "lcm_two_steps"]


def distance(some: Sequence[Picture], others: Sequence[Picture]) -> int:
    """Largest difference of any channel of any pixel, in grey levels."""
    return int(np.abs(np.stack(some).astype(int) - np.stack(others).astype(int)).max())


def gap(some: Picture, other: Picture) -> float:
    """Mean difference in grey levels."""
    return float(np.abs(some.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("settings", SAMPLING, ids=NAMES)
def test_an_identical_prompt_gives_the_source_exactly(
    open_tiny: OpenTiny, settings: dict[str, Any]
) -> None:
    blended = StrategyParameters(0.4, 0.7, blend=0.3)
    moved = StrategyParameters(0.1, 0.2, 0.75)
    source, whole, half, kept, looks = open_tiny(**settings).draw(
        [SOURCE, *(same(SOURCE, parameters) for parameters in (WHOLE, HALF, blended, moved))]
    )
    assert (whole == source).all()
    assert (half == source).all()
    assert (kept == source).all()
    assert (looks == source).all()


@pytest.mark.parametrize("settings", SAMPLING, ids=NAMES)
def test_source_and_plain_rows_equal_a_plain_run(
    open_tiny: OpenTiny, settings: dict[str, Any]
) -> None:
    renderer = open_tiny(**settings)
    plain = [draw for draw in GROUPS if draw.guide is None]
    before = renderer.draw(plain)
    among = renderer.draw(GROUPS)
    beside = [pixels for pixels, draw in zip(among, GROUPS, strict=True) if draw.guide is None]
    assert distance(before, beside) <= 1
    # And once processors are exchanged, a batch without edits has the same bytes as ever.
    assert distance(before, renderer.draw(plain)) == 0


@pytest.mark.parametrize("settings", SAMPLING, ids=NAMES)
def test_batch_and_order_change_nothing_beyond_float_error(
    open_tiny: OpenTiny, settings: dict[str, Any]
) -> None:
    renderer = open_tiny(**settings)
    together = renderer.draw(GROUPS)
    order = [5, 2, 6, 0, 4, 3, 1]
    shuffled = renderer.draw([GROUPS[number] for number in order])
    assert distance(shuffled, [together[number] for number in order]) <= 1
    # Alone, each edit brings its own source row.
    assert distance([renderer.draw([draw])[0] for draw in GROUPS], together) <= 1
    for size in (1, 3):
        assert distance(open_tiny(**settings, batch_size=size).draw(GROUPS), together) <= 1


@pytest.mark.parametrize("settings", SAMPLING, ids=NAMES)
def test_the_more_is_shared_the_nearer_the_edit_stays_and_it_is_an_edit(
    open_tiny: OpenTiny, settings: dict[str, Any]
) -> None:
    shares = [0.0, 0.5, 1.0]
    edits = [edit(SOURCE, "red", "blue", StrategyParameters(share, share)) for share in shares]
    source, *drawn = open_tiny(**settings).draw([SOURCE, *edits])
    gaps = [gap(source, picture) for picture in drawn]
    assert gaps[0] > gaps[1] > gaps[2] > 1


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
def test_a_single_step_shares_a_part_of_itself(open_tiny: OpenTiny, fraction: float) -> None:
    renderer = open_tiny(steps=1, scheduler="lcm", guidance_scale=0.0)
    shares = [0.0, fraction, 1.0]
    edits = [edit(SOURCE, "red", "blue", StrategyParameters(share, share)) for share in shares]
    none, part, whole = renderer.draw(edits)
    assert gap(none, part) > 0.1
    assert gap(part, whole) > 0.1
    assert gap(none, part) < gap(none, whole)


def test_a_blend_mask_keeps_the_source_outside_and_the_edit_inside(
    open_tiny: OpenTiny,
) -> None:
    renderer = open_tiny()
    free, blended, all_kept = (
        edit(SOURCE, "red", "blue", StrategyParameters(0.25, 0.25, blend=share))
        for share in (None, 0.5, 0.999)
    )
    source, *drawn = renderer.draw([SOURCE, free, blended, all_kept])
    unchanged = [(np.abs(p.astype(int) - source).max(axis=2) <= 2).mean() for p in drawn]
    assert unchanged[0] < unchanged[1] < unchanged[2]
    assert 0.1 < unchanged[1] < 0.98
    assert gap(drawn[1], source) > 0.5


def test_an_edit_with_its_own_wording_keeps_to_the_one_control(
    tiny_renderer: SdxlRenderer,
) -> None:
    wording = "there is a red car on the street"
    piece = Replacement(11, 14, "red", "blue")
    own = replace(
        edit(SOURCE, "red", "blue", WHOLE),
        prompt="there is a blue car on the street",
        guide=Guide(SOURCE.prompt, wording, (piece,)),
    )
    loose = replace(own, parameters=StrategyParameters(0.0, 0.0))
    assert count_rows([SOURCE, own]) == 2
    source, kept, free = tiny_renderer.draw([SOURCE, own, loose])
    assert 1 < gap(source, kept) < gap(source, free)


def test_a_model_with_guidance_inside_takes_part(open_tiny: OpenTiny) -> None:
    """LCM and its kin take the guidance scale as an input and draw one half only."""
    from diffusers import UNet2DConditionModel

    renderer = open_tiny(scheduler="lcm", steps=4, guidance_scale=4.0)
    unet = renderer.pipeline.unet
    settings = {**unet.config, "time_cond_proj_dim": 16}
    distilled = UNet2DConditionModel.from_config(settings)
    distilled.load_state_dict(unet.state_dict(), strict=False)
    renderer.pipeline.unet = distilled.eval()
    source, identical, edited = renderer.draw(
        [SOURCE, same(SOURCE), edit(SOURCE, "red", "blue", StrategyParameters(0.3, 0.3))]
    )
    assert (identical == source).all()
    assert gap(source, edited) > 1


def fail_above(renderer: SdxlRenderer, monkeypatch: pytest.MonkeyPatch, limit: int) -> list[int]:
    """Let the UNet run out of memory in batches of more than `limit` rows; lists all sizes."""
    sizes: list[int] = []
    forward = renderer.pipeline.unet.forward

    def limited(sample: Any, *args: Any, **kwargs: Any) -> Any:
        rows = len(sample) // (2 if renderer._config.guidance_scale > 1 else 1)
        sizes.append(rows)
        if rows > limit:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return forward(sample, *args, **kwargs)

    monkeypatch.setattr(renderer.pipeline.unet, "forward", limited)
    return sizes


def test_a_batch_that_does_not_fit_is_halved_and_edits_keep_their_source(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = open_tiny().draw(GROUPS)
    renderer = open_tiny()
    sizes = fail_above(renderer, monkeypatch, 3)
    drawn = renderer.draw(GROUPS)
    assert max(sizes) == len(GROUPS)
    assert renderer.batch_size == 3
    assert distance(drawn, wanted) <= 1


def test_an_edit_that_does_not_fit_beside_its_source_names_the_way_out(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny()
    fail_above(renderer, monkeypatch, 1)
    with pytest.raises(PermanentError, match="beside its source .*same_noise"):
        renderer.draw(GROUPS)
