"""The reader recovers every scene that the painter paints, and admits what it cannot read."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.training.world.painter import paint
from pipeline.training.world.reader import UNCLEAR, read
from pipeline.training.world.scene import LAYOUTS, SETTINGS, Scene, Thing, draw_scene


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
