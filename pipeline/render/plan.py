"""Which pictures a set gets, with which seeds: pure, so that a picture can be drawn again."""

from __future__ import annotations

from typing import Final

from pipeline.identity import derive_seed
from pipeline.ports import Draw
from pipeline.records import CounterfactualSet

SAME_NOISE: Final = "same_noise"
"""The control and the minimal edits of a set start from one noise: they differ by caption."""

INDEPENDENT: Final = "independent"
"""A picture with noise of its own."""

CONTROL: Final = "control"
"""Variant name of the factual caption, drawn by the same model."""


def plan_set(cfset: CounterfactualSet, run_seed: int) -> tuple[Draw, ...]:
    """Plan the pictures of one set: the control first, then `min0`…, then `full0`….

    The control draws the anchor's caption. Every minimal edit shares the control's seed;
    every complete counterfactual has a seed of its own. A seed depends on the run seed, the
    anchor and the variant alone, so that neither the other members of the set nor the order
    of the anchors changes a picture.

    An edit that carries its own factual wording gets no control of its own. Its wording is
    as true of the anchor as the anchor's caption, so one picture of the facts serves both;
    and a second picture of the same facts would be one that only such kinds have, by which
    a model could tell them.
    """
    anchor_id = cfset.anchor.anchor_id
    factual_seed = derive_seed(run_seed, anchor_id, "factual")
    draws = [Draw(anchor_id, CONTROL, cfset.anchor.caption, factual_seed, SAME_NOISE)]
    for variant, caption in cfset.captions().items():
        if variant.startswith("min"):
            draws.append(Draw(anchor_id, variant, caption, factual_seed, SAME_NOISE))
        else:
            seed = derive_seed(run_seed, anchor_id, variant)
            draws.append(Draw(anchor_id, variant, caption, seed, INDEPENDENT))
    return tuple(draws)
