"""What the small CLIP learns from: the labels are true, and true matches are no negatives."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.training.mini.clip import (
    PATCH_FACTS,
    SCENE_FACTS,
    caption_labels,
    patch_labels,
    scene_labels,
    true_matches,
)
from pipeline.training.mini.clip_batches import degrade, draw_training_pair
from pipeline.training.mini.contrast import contrast_loss, pair_loss
from pipeline.training.world.captions import describe
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, Thing, draw_scene, is_held_out
from pipeline.training.world.wording import draw_wording


def scenes(count: int) -> list[Scene]:
    state = random.Random(5)
    return [draw_scene(state) for _ in range(count)]


def test_what_a_caption_states_is_so_in_its_scene() -> None:
    state = random.Random(1)
    stated = set()
    for scene in scenes(2000):
        whole = scene_labels(scene)
        said = caption_labels(scene, describe(scene, draw_wording(state)))
        assert said.items() <= whole.items()
        assert all(value in SCENE_FACTS[fact] for fact, value in whole.items())
        stated |= set(said)
    assert stated == set(SCENE_FACTS), "every reader is taught by captions too"


def test_patches_know_the_thing_that_covers_them() -> None:
    left, right = Thing("dog", "red", "big"), Thing("cat", "blue", "small")
    labels = patch_labels(Scene("beside", (left, right), "snow"))
    names = [PATCH_FACTS["name"][number] for number in labels["name"][4]]
    # 48 px around x = 32, and 32 px around x = 96: the middles of patches at 24, 40 and so on.
    assert names == ["", "dog", "dog", "", "", "cat", "cat", ""]
    assert {PATCH_FACTS["colour"][number] for number in labels["colour"][:, 1]} == {"", "red"}
    assert not labels["name"][0].any()


def test_truths_are_the_judges_and_own_captions_are_true() -> None:
    state = random.Random(2)
    some = scenes(60)
    captions = [describe(scene, draw_wording(state)) for scene in some]
    true = true_matches(captions, some)
    assert true.diagonal().all()
    red = Scene("group", (Thing("ball", "red", "big"),), "snow")
    blue = Scene("group", (Thing("ball", "blue", "big"),), "snow")
    drawn = (describe(red, draw_wording(state)) for _ in range(500))
    plain = next(c for c in drawn if {fact.of for fact in c.facts} == {"name0", "count"})
    assert true_matches([plain], [red, blue]).all(), "a caption without the colour is true of both"


def test_pairs_are_of_scenes_that_are_not_held_out() -> None:
    state = random.Random(3)
    pairs = [draw_training_pair(state) for _ in range(400)]
    assert not any(is_held_out(p.scene) or is_held_out(p.edited_scene) for p in pairs)
    assert len({pair.kind for pair in pairs}) == 10
    assert any(is_held_out(scene) for scene in scenes(400))


def test_a_true_match_is_no_negative() -> None:
    """Raising the score of a true caption of another picture must not raise the loss."""
    import torch

    scores = torch.zeros(4, 2)
    true = torch.tensor([[1, 0], [0, 1], [1, 1], [0, 1]], dtype=torch.bool)
    before = contrast_loss(scores, true)
    scores[2, 1] = 5.0  # caption 2 is of picture 0, and true of picture 1 as well
    assert float(contrast_loss(scores, true)) == pytest.approx(float(before))
    scores[1, 0] = 5.0  # caption 1 is false of picture 0
    assert float(contrast_loss(scores, true)) > float(before) + 0.5


def test_within_a_pair_the_own_caption_must_win() -> None:
    import torch

    true = torch.eye(4, dtype=torch.bool).repeat(2, 1)
    scores = torch.zeros(8, 4)
    scores[0, 0] = scores[1, 1] = 3.0
    scores[3, 2] = 3.0  # picture 2 prefers the caption of picture 3
    loss, preferred = pair_loss(scores, true)
    assert preferred == 0.5
    scores[3, 2], scores[2, 2], scores[3, 3] = 0.0, 3.0, 3.0
    better, preferred = pair_loss(scores, true)
    assert preferred == 1.0
    assert float(better) < float(loss)


def test_wear_is_small_and_repeatable() -> None:
    picture = paint(scenes(1)[0])
    degraded = [degrade(picture, random.Random(seed)) for seed in range(60)]
    assert all(w.shape == picture.shape and w.dtype == np.uint8 for w in degraded)
    assert degraded[7].tobytes() == degrade(picture, random.Random(7)).tobytes()
    changes = [np.abs(w.astype(int) - picture).mean() for w in degraded]
    assert min(changes) == 0
    assert 5 < max(changes) < 40
