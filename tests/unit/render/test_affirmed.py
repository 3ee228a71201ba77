"""Wordings negated on both sides, and what is drawn of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.config.images import ImagesConfig
from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    Replacement,
    Role,
)
from pipeline.render.affirmed import affirmed
from pipeline.render.plan import plan_set


def both_sides(
    factual: str, changes: list[tuple[str, str, Role]], rule: str = "rules.colour"
) -> CaptionEdit:
    """An edit of `factual` whose changes are found from left to right."""
    pieces: list[Replacement] = []
    at = 0
    for old, new, role in changes:
        start = factual.index(old, at)
        at = start + len(old)
        pieces.append(Replacement(start, at, old, new, role))
    kind = EditKind.NEGATION
    return CaptionEdit(kind, "both_sides", factual, tuple(pieces), "x", "y", rule=rule)


EDIT, REPAIR = Role.EDIT, Role.REPAIR
WHITE = both_sides(
    "a white, not red, umbrella on sand", [("white", "red", EDIT), ("red", "white", EDIT)]
)


@pytest.mark.parametrize(
    ("caption", "edit", "drawn", "denied"),
    [
        ("a white umbrella on sand", WHITE, "a red umbrella on sand", "white"),
        (
            "a man sitting on a bench",
            both_sides(
                "a man sitting rather than standing on a bench",
                [("sitting", "standing", EDIT), ("standing", "sitting", EDIT)],
            ),
            "a man standing on a bench",
            "sitting",
        ),
        (
            "a dog with an orange ball.",
            both_sides(
                "a dog with an orange ball, not a blue one.",
                [("an", "a", REPAIR), ("orange", "blue", EDIT), ("a ", "an ", REPAIR),
                 ("blue", "orange", EDIT)],
            ),
            "a dog with a blue ball.",
            "orange",
        ),
        # A preposition names nothing that a picture could hold.
        (
            "a cat on a table",
            both_sides(
                "a cat on a table, not under it",
                [("on", "under", EDIT), ("under", "on", EDIT)],
                "rules.place",
            ),
            "a cat under a table",
            "",
        ),
        # What is drawn as well cannot be kept out.
        (
            "a white umbrella by a white car",
            both_sides(
                "a white, not red, umbrella by a white car",
                [("white", "red", EDIT), ("red", "white", EDIT)],
            ),
            "a red umbrella by a white car",
            "",
        ),
        # The denied phrase comes first.
        (
            "a bench in the park",
            both_sides(
                "instead of a tree, a bench in the park",
                [("tree", "bench", EDIT), ("bench", "tree", EDIT)],
            ),
            "a tree in the park",
            "bench",
        ),
    ],
)  # fmt: skip
def test_what_is_affirmed_is_drawn_and_what_is_denied_is_named(
    caption: str, edit: CaptionEdit, drawn: str, denied: str
) -> None:
    found = affirmed(caption, edit)
    assert (found.edit.caption, found.denied) == (drawn, denied)
    assert found.edit.factual == caption


@pytest.mark.parametrize(
    "edit",
    [
        # One-sided: the wording is the caption itself.
        CaptionEdit(
            EditKind.NEGATION, "removal", "a street with a car",
            (Replacement(9, 13, "with", "without"),), "with", "without",
        ),
        # Another wording than the caption with a phrase put in.
        both_sides("the red, not blue, umbrella", [("red", "blue", EDIT), ("blue", "red", EDIT)]),
        # Both changes lie in what the caption says.
        both_sides("a street with a car and", [("street", "car", EDIT), ("car", "street", EDIT)]),
    ],
)  # fmt: skip
def test_every_other_edit_is_drawn_as_it_is_worded(edit: CaptionEdit) -> None:
    found = affirmed("a street with a car", edit)
    assert (found.edit, found.denied) == (edit, "")


@pytest.mark.parametrize("strategy", ["prompt_to_prompt", "same_noise", "independent"])
def test_the_plan_draws_what_is_affirmed_by_every_strategy(strategy: str) -> None:
    caption = "a white umbrella on sand"
    anchor = Anchor("a1", caption, caption, "cc_tsv", "x.tsv:1")
    cfset = CounterfactualSet(anchor, (WHITE,))
    settings = {
        "strategy": strategy, "negative_prompt": "blurry", "denied_words": "negative_prompt"
    }  # fmt: skip
    control, edit = plan_set(cfset, 7, ImagesConfig.model_validate(settings))
    assert (control.prompt, control.negative_prompt) == (caption, "")
    assert (edit.prompt, edit.negative_prompt) == ("a red umbrella on sand", "blurry, white")
    if edit.guide is not None:
        assert (edit.guide.prompt, edit.guide.factual) == (caption, caption)
        assert [piece.new for piece in edit.guide.replacements] == ["red"]
    plain = ImagesConfig.model_validate(settings | {"denied_words": "leave_out"})
    assert plan_set(cfset, 7, plain)[1] == replace(edit, negative_prompt="")
    unguided = ImagesConfig.model_validate(settings | {"guidance_scale": 0.0})
    assert plan_set(cfset, 7, unguided)[1].negative_prompt == ""
