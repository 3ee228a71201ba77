"""Drawn pictures as lessons: what was asked is kept apart from what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.training.mini.clip_drawn import PAIRS_A_FILE, DrawnPicture, _pairs, read_files
from pipeline.training.mini.clip_lessons import JUDGED, Lessons
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of painted pictures, of which every fourth pair shows two unclear things."""
    folder = tmp_path_factory.mktemp("drawn")
    scenes: list[Scene] = []
    for number, pair in enumerate(_pairs(3, 0)):
        scenes += [pair.scene, pair.edited_scene]
        if number % 4 == 0:
            scenes[-2:] = [
                replace(scene, things=tuple(replace(t, name="unclear") for t in scene.things))
                for scene in scenes[-2:]
            ]
    pictures = np.zeros((2 * PAIRS_A_FILE, 128, 128, 3), np.uint8)
    for number, pair in enumerate(_pairs(3, 0)):
        pictures[2 * number], pictures[2 * number + 1] = paint(pair.scene), paint(pair.edited_scene)
    told = np.array(json.dumps([asdict(scene) for scene in scenes]))
    np.savez(folder / "0000.npz", pictures=pictures, scenes=told, seed=3)
    return folder


def test_what_was_drawn_is_read_back_with_what_was_asked(stored: Path) -> None:
    pairs = list(read_files(stored))
    assert len(pairs) == PAIRS_A_FILE
    for number, (pair, drawn) in enumerate(zip(_pairs(3, 0), pairs, strict=True)):
        assert [one.caption for one in drawn] == [pair.caption, pair.edited]
        assert [one.asked for one in drawn] == [pair.scene, pair.edited_scene]
        assert all((one.pixels == paint(one.asked)).all() for one in drawn)
        assert [one.is_right for one in drawn] == [number % 4 != 0] * 2
        assert [one.is_clear for one in drawn] == [number % 4 != 0] * 2


def test_two_things_of_one_name_are_not_clear(stored: Path) -> None:
    one = next(one for one, _ in read_files(stored) if len(one.seen.things) == 2 and one.is_clear)
    alike = replace(one.seen, things=(one.seen.things[0],) * 2)
    assert not DrawnPicture(one.pixels, one.caption, one.asked, alike).is_clear


def test_a_batch_has_drawn_pairs_and_pictures_that_failed_their_captions(stored: Path) -> None:
    from transformers import CLIPTokenizer

    from pipeline.adapters.tiny_sdxl import WORLD, resolve_model

    tokenizer = CLIPTokenizer.from_pretrained(resolve_model(WORLD), subfolder="tokenizer_2")
    decoded = np.zeros((2000, 128, 128, 3), np.uint8)
    drawn = list(read_files(stored))
    lesson = Lessons(tokenizer, decoded, 0, drawn).draw(5, 8)
    assert lesson.pictures.shape == (16, 3, 128, 128)
    assert lesson.true[:16].diagonal().all(), "of a drawn picture too, the caption is true"
    assert lesson.judged is not None
    assert lesson.judged_ids is not None
    assert lesson.judged.shape == (2 * JUDGED, 3, 128, 128)
    assert len(lesson.judged_ids) == 2 * JUDGED
    assert Lessons(tokenizer, decoded, 0).draw(5, 8).judged is None
