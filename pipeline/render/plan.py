"""Which pictures a set gets, with which seeds: pure, so that a picture can be drawn again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw, Guide
from pipeline.core.ids import derive_seed
from pipeline.core.records import CaptionEdit, CounterfactualSet, EditKind
from pipeline.core.scores import CONTROL
from pipeline.core.strategies import (
    INDEPENDENT,
    INPAINT,
    PROMPT_TO_PROMPT,
    SAME_NOISE,
    StrategyParameters,
)
from pipeline.core.truth import has_own_picture
from pipeline.render.affirmed import Affirmed, affirmed

FACTUAL: Final = "factual"
"""What the shared noise of a set is derived from."""


class Fractions(NamedTuple):
    """How long an edit takes part in its source's attention; see `StrategyParameters`."""

    self_attention: float
    cross_attention: float
    appearance: float


FRACTIONS: Final[dict[EditKind, Fractions]] = {
    EditKind.OBJECT: Fractions(0.4, 0.6, 0.0),
    EditKind.ATTRIBUTE: Fractions(0.6, 0.8, 0.0),
    EditKind.COUNT: Fractions(0.1, 0.2, 0.8),
    EditKind.RELATION: Fractions(0.0, 0.0, 0.8),
    EditKind.ACTION: Fractions(0.2, 0.4, 0.5),
    EditKind.NEGATION: Fractions(0.2, 0.4, 0.5),
    EditKind.SWAP: Fractions(0.0, 0.0, 0.8),
}
"""The fractions of each kind. What must move things keeps little of the layout and all of the
looks; what must look different keeps the layout, and takes no appearance from what it replaces."""


def plan_set(
    cfset: CounterfactualSet, run_seed: int, config: ImagesConfig | None = None
) -> tuple[Draw, ...]:
    """Plan the pictures of one set: the control first, then `min0`…, then `full0`….

    The control draws the anchor's caption. Unless the strategy is `independent`, every
    minimal edit shares the control's seed; every complete counterfactual has a seed of its
    own. A seed depends on the run seed, the anchor, the variant and the candidate alone, so
    that neither the other members of the set nor the order of the anchors changes a picture.

    An edit that no picture can show, such as a reversal of cause and effect, gets none: it
    shares the factual one.

    An edit that carries its own factual wording gets no control of its own. Its wording is
    as true of the anchor as the anchor's caption, so one picture of the facts serves both;
    and a second picture of the same facts would be one that only such kinds have, by which
    a model could tell them. Of a wording negated on both sides only what it affirms is drawn;
    see :mod:`pipeline.render.affirmed`.

    Where a real strategy is set, the edits of an anchor that has a picture of its own start
    from that picture, and its control is drawn beside them.

    The candidates of a set share a few noises: each is that of one control, and of its share of
    the candidates of each minimal edit. Candidate 0 of each picture is what a run without
    candidates draws.
    """
    config = config or ImagesConfig()
    draws: list[Draw] = []
    if config.real_strategy != "none" and cfset.anchor.image is not None:
        draws += _real_edits(cfset, run_seed, config)
    elif config.strategy == INDEPENDENT:
        anchor = cfset.anchor
        seed = derive_seed(run_seed, anchor.anchor_id, FACTUAL)
        draws.append(Draw(anchor.anchor_id, CONTROL, anchor.caption, seed, INDEPENDENT))
        for index, edit in _shown(cfset):
            draws += _edited(cfset, index, affirmed(anchor.caption, edit), run_seed, config)
    else:
        for noise in range(count_noises(config)):
            draws += _noise_group(cfset, run_seed, noise, config)
    for index, full in enumerate(cfset.full):
        draws += _independent(cfset, f"full{index}", full.caption, run_seed, config)
    return tuple(draws)


def _shown(cfset: CounterfactualSet) -> list[tuple[int, CaptionEdit]]:
    """The edits that a picture can show, with their numbers in the set."""
    return [(index, edit) for index, edit in enumerate(cfset.minimal) if has_own_picture(edit.kind)]


def count_noises(config: ImagesConfig) -> int:
    """Different noises among the candidates of a minimal edit."""
    if config.candidate_seeds is not None:
        return config.candidate_seeds
    if config.strategy == PROMPT_TO_PROMPT:
        return math.ceil(math.sqrt(config.candidates))
    return config.candidates


def _noise_group(
    cfset: CounterfactualSet, run_seed: int, noise: int, config: ImagesConfig
) -> Iterator[Draw]:
    """One noise: the control, then its candidates of each minimal edit."""
    anchor = cfset.anchor
    seed = derive_seed(run_seed, anchor.anchor_id, _candidate_name(FACTUAL, noise))
    yield Draw(anchor.anchor_id, CONTROL, anchor.caption, seed, SAME_NOISE, noise)
    for index, minimal in _shown(cfset):
        drawn = affirmed(anchor.caption, minimal)
        edit = drawn.edit
        for candidate in range(noise, config.candidates, count_noises(config)):
            draw = Draw(
                anchor.anchor_id,
                f"min{index}",
                edit.caption,
                seed,
                SAME_NOISE,
                candidate,
                negative_prompt=_negative_prompt(drawn, config),
            )
            if config.strategy == PROMPT_TO_PROMPT:
                draw = replace(
                    draw,
                    strategy=PROMPT_TO_PROMPT,
                    parameters=_parameters(draw, edit, run_seed, config),
                    guide=Guide(anchor.caption, edit.factual, edit.replacements),
                )
            yield draw


def _real_edits(cfset: CounterfactualSet, run_seed: int, config: ImagesConfig) -> Iterator[Draw]:
    """The control, then every candidate of each minimal edit, drawn into the real picture."""
    anchor = cfset.anchor
    seed = derive_seed(run_seed, anchor.anchor_id, FACTUAL)
    yield Draw(anchor.anchor_id, CONTROL, anchor.caption, seed, SAME_NOISE)
    parameters = StrategyParameters(
        strength=config.strength,
        mask=config.mask_threshold if config.real_strategy == INPAINT else None,
    )
    for index, minimal in _shown(cfset):
        drawn = affirmed(anchor.caption, minimal)
        edit = drawn.edit
        for draw in _edited(cfset, index, drawn, run_seed, config):
            yield replace(
                draw,
                strategy=config.real_strategy,
                parameters=parameters,
                guide=Guide(anchor.caption, edit.factual, edit.replacements),
                picture=anchor.image,
            )


def _parameters(
    draw: Draw, edit: CaptionEdit, run_seed: int, config: ImagesConfig
) -> StrategyParameters:
    """The fractions of an edit; of a candidate after the first, one of them is drawn."""
    own = {
        "self_attention": config.self_attention_fraction,
        "cross_attention": config.cross_attention_fraction,
        "appearance": config.appearance_fraction,
    }
    given = {name: value for name, value in own.items() if value is not None}
    fractions = FRACTIONS[edit.kind]._replace(**given)
    for name in (edit.kind, f"{edit.kind}.{edit.subkind}"):
        fractions = Fractions(*config.fractions.get(name, fractions))
    if draw.candidate:
        # What holds the edit to its source is what is worth varying.
        varied = "self_attention"
        low, high = config.candidate_self_attention
        if fractions.appearance > fractions.self_attention:
            varied = "appearance"
            low, high = config.candidate_appearance
        name = f"{_candidate_name(draw.variant, draw.candidate)}.{varied}"
        share = derive_seed(run_seed, draw.anchor_id, name) / 2**63
        fractions = fractions._replace(**{varied: round(low + (high - low) * share, 4)})
    return StrategyParameters(*fractions, blend=config.blend)


def _edited(
    cfset: CounterfactualSet, index: int, drawn: Affirmed, run_seed: int, config: ImagesConfig
) -> Iterator[Draw]:
    """Every candidate of a minimal edit with noise of its own."""
    for draw in _independent(cfset, f"min{index}", drawn.edit.caption, run_seed, config):
        yield replace(draw, negative_prompt=_negative_prompt(drawn, config))


def _negative_prompt(drawn: Affirmed, config: ImagesConfig) -> str:
    """All that is kept out of the picture; empty where that is what is kept out of every one."""
    asked = config.denied_words == "negative_prompt" and config.guidance_scale > 1
    if not drawn.denied or not asked:
        return ""
    return ", ".join(text for text in (config.negative_prompt, drawn.denied) if text)


def _independent(
    cfset: CounterfactualSet, variant: str, prompt: str, run_seed: int, config: ImagesConfig
) -> Iterator[Draw]:
    """Every candidate of a picture with noise of its own."""
    anchor_id = cfset.anchor.anchor_id
    for candidate in range(config.candidates):
        seed = derive_seed(run_seed, anchor_id, _candidate_name(variant, candidate))
        yield Draw(anchor_id, variant, prompt, seed, INDEPENDENT, candidate)


def _candidate_name(name: str, number: int) -> str:
    """Name of a candidate; the first has that of a picture without candidates."""
    return f"{name}.c{number}" if number else name
