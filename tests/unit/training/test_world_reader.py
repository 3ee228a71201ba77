"""The reader recovers every scene that the painter paints, and admits what it cannot read."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from pipeline.training.world.captions import describe
from pipeline.training.world.judge import (
    PAIR_KINDS,
    draw_pair,
    is_visible,
    judge,
    keeps_rest,
)
from pipeline.training.world.painter import paint
from pipeline.training.world.reader import UNCLEAR, read
from pipeline.training.world.scene import LAYOUTS, SETTINGS, Scene, Thing, draw_scene
from pipeline.training.world.wording import draw_wording


def scenes(count: int, seed: str) -> list[Scene]:
    state = random.Random(seed)
    return [draw_scene(state) for _ in range(count)]


def test_reader_recovers_the_scene_exactly() -> None:
    drawn = scenes(300, "reader")
    assert {scene.layout for scene in drawn} == set(LAYOUTS)
    assert {scene.setting for scene in drawn} == set(SETTINGS)
    for scene in drawn:
        reading = read(paint(scene))
        assert reading.scene == scene
        assert reading.error == 0


def test_reader_reads_through_noise() -> None:
    noise = np.random.default_rng(0)
    for scene in scenes(60, "noise"):
        noisy = paint(scene) + noise.normal(0, 15, (128, 128, 3))
        assert read(noisy.clip(0, 255).astype(np.uint8)).scene == scene


def test_a_blob_is_no_thing() -> None:
    picture = paint(Scene("group", (Thing("dog", "red", "big"),), "meadow"))
    picture[56:104, 40:88] = (226, 38, 44)  # a plain red square where the dog was
    names = {thing.name for thing in read(picture).scene.things}
    assert "dog" not in names or UNCLEAR in names


def test_reader_refuses_other_sizes() -> None:
    with pytest.raises(ValueError, match="128 px"):
        read(np.zeros((64, 64, 3), np.uint8))


def test_every_caption_is_true_of_its_picture() -> None:
    state = random.Random("captions")
    for scene in scenes(400, "captions"):
        caption = describe(scene, draw_wording(state))
        judged = judge(caption, read(paint(scene)).scene)
        assert caption.facts, caption.text
        assert all(judged.values()), (caption.text, judged)


def test_a_wrong_picture_is_judged_wrong() -> None:
    """Facts of one scene, judged on another that differs in all of them."""
    state = random.Random("wrong")
    wording = draw_wording(state)
    scene = Scene("beside", (Thing("dog", "red", "big"), Thing("car", "blue", "small")), "room")
    other = Scene("above", (Thing("bus", "green", "small"), Thing("cat", "black", "big")), "beach")
    judged = judge(describe(scene, wording), other)
    assert judged
    assert not any(judged.values())


@pytest.mark.parametrize("kind", PAIR_KINDS)
def test_pairs_differ_in_one_fact(kind: str) -> None:
    state = random.Random(kind)
    for _ in range(25):
        pair = draw_pair(state, kind)
        first, second = read(paint(pair.scene)).scene, read(paint(pair.edited_scene)).scene
        assert all(judge(pair.caption, first).values())
        assert all(judge(pair.edited, second).values())
        assert is_visible(pair, second)
        assert not is_visible(pair, first)
        assert keeps_rest(pair, first, second)


def test_a_changed_setting_is_not_kept() -> None:
    pair = draw_pair(random.Random("kept"), "colour")
    settings = [name for name in SETTINGS if name != pair.scene.setting]

    strayed = replace(pair.edited_scene, setting=settings[0])
    assert not keeps_rest(pair, pair.scene, strayed)
