from __future__ import annotations

import random

import pytest

from pipeline.training.world.scene import (
    COUNTS,
    HELD_OUT,
    LAYOUTS,
    SETTINGS,
    STATES,
    WEATHERS,
    draw_scene,
    is_held_out,
)


def test_every_layout_and_value_is_drawn_and_scenes_are_consistent() -> None:
    state = random.Random("scenes")
    scenes = [draw_scene(state) for _ in range(3000)]
    assert {scene.layout for scene in scenes} == set(LAYOUTS)
    assert {scene.setting for scene in scenes} == set(SETTINGS)
    assert {thing.count for scene in scenes for thing in scene.things} == set(COUNTS)
    for scene in scenes:
        assert len(scene.things) == (1 if scene.layout in ("group", "weather") else 2)
        assert bool(scene.weather) == (scene.layout == "weather")
        assert not scene.hat or scene.can_wear
        for thing in scene.things:
            assert bool(thing.state) == (thing.name in STATES)
            assert thing.count == 1 or scene.layout == "group"
        if scene.weather:
            thing = scene.things[0]
            assert thing.state == STATES[thing.name][WEATHERS.index(scene.weather)]


def test_one_scene_in_so_many_is_held_out_whenever_it_is_drawn() -> None:
    state = random.Random("held out")
    scenes = [draw_scene(state) for _ in range(4000)]
    held = [is_held_out(scene) for scene in scenes]
    assert sum(held) == pytest.approx(4000 / HELD_OUT, rel=0.3)
    assert [is_held_out(scene) for scene in scenes] == held
