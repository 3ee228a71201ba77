"""Every fact of a scene shows in its picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.training.world.painter import background, paint, sprite
from pipeline.training.world.scene import COLOURS, SETTINGS, THINGS, Scene, Thing

DOG = Scene("group", (Thing("dog", "red", "big"),), "meadow")
FLOWER = Scene("weather", (Thing("flower", "red", "big", state="wilted"),), "room", weather="sun")
PAIR = Scene("beside", (Thing("dog", "red", "big"), Thing("cat", "blue", "big")), "snow")


def first(scene: Scene, **changes: object) -> Scene:
    return replace(scene, things=(replace(scene.things[0], **changes), *scene.things[1:]))  # type: ignore[arg-type]


def test_the_same_scene_is_the_same_picture_and_settings_stay_clean() -> None:
    empty = background("meadow").copy()
    picture = paint(DOG)
    assert (picture.shape, picture.dtype) == ((128, 128, 3), np.uint8)
    assert (paint(DOG) == picture).all()
    assert (background("meadow") == empty).all()


@pytest.mark.parametrize(
    ("scene", "other"),
    [
        (DOG, first(DOG, name="cat")),
        (DOG, first(DOG, colour="blue")),
        (DOG, first(DOG, size="small")),
        (DOG, first(DOG, count=2)),
        (DOG, replace(DOG, setting="night")),
        (DOG, replace(DOG, hat=True)),
        (FLOWER, first(FLOWER, state="blooming")),
        (FLOWER, replace(FLOWER, weather="rain")),
        (PAIR, replace(PAIR, things=PAIR.things[::-1])),
        (PAIR, replace(PAIR, layout="above")),
    ],
)
def test_every_fact_shows(scene: Scene, other: Scene) -> None:
    assert np.abs(paint(scene).astype(int) - paint(other)).max() > 60


def test_things_and_settings_do_not_look_alike() -> None:
    pictures = [paint(first(DOG, name=name)) for name in THINGS]
    pictures += [paint(first(DOG, colour=colour)) for colour in COLOURS if colour != "red"]
    pictures += [paint(replace(DOG, setting=name)) for name in SETTINGS if name != "meadow"]
    for index, one in enumerate(pictures):
        for other in pictures[:index]:
            assert np.abs(one.astype(int) - other).mean() > 0.5


def test_a_sprite_is_premultiplied_and_transparent_at_its_border() -> None:
    layer = sprite("dog", "red", 48)
    assert layer.shape == (48, 48, 4)
    assert (layer[:, :, :3] <= layer[:, :, 3:] + 1e-6).all()
    assert not layer[0].any()
