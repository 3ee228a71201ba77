"""What of a caption a picture shows, and pairs one fact apart."""

from __future__ import annotations

import random
from dataclasses import replace

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
from pipeline.training.world.reader import read
from pipeline.training.world.scene import SETTINGS, Scene, Thing, draw_scene
from pipeline.training.world.wording import draw_wording


def scenes(count: int, seed: str) -> list[Scene]:
    state = random.Random(seed)
    return [draw_scene(state) for _ in range(count)]


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
