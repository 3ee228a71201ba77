"""Labels of scenes, captions and patches."""

from __future__ import annotations

import random

from pipeline.training.mini.clip import (
    PATCH_FACTS,
    SCENE_FACTS,
    caption_labels,
    patch_labels,
    scene_labels,
    true_matches,
)
from pipeline.training.world.captions import describe
from pipeline.training.world.scene import Scene, Thing, draw_scene
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
