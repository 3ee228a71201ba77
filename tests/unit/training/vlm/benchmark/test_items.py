from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.training.vlm.benchmark.items import CHANCE, Picture, Question, load_picture
from pipeline.training.vlm.benchmark.scores import judge

ONE = Picture(Path("a.png"))
TWO = (ONE, Picture(Path("b.png")))


def test_chance_is_what_random_similarities_get() -> None:
    draws = np.random.default_rng(0).random((20_000, 2, 2))
    group = Question("q", "swap", ("a", "b"), TWO)
    won = [judge(group, similarities) for similarities in draws]
    for score, chance in CHANCE.items():
        assert sum(one[score] for one in won) / len(won) == pytest.approx(chance, abs=0.01)
    choice = Question("q", "order", ("a", "b", "c", "d", "e"), (ONE,))
    draws = np.random.default_rng(1).random((20_000, 1, 5))
    share = sum(judge(choice, similarities)["choice"] for similarities in draws) / len(draws)
    assert share == pytest.approx(choice.chance["choice"], abs=0.01) == 0.2


def test_caption_pairs_are_what_a_blind_reader_gets() -> None:
    assert Question("q", "k", ("t", "f", "g"), (ONE,)).caption_pairs == (("t", "f"), ("t", "g"))
    assert Question("q", "k", ("t", "f"), TWO, factual=1).caption_pairs == (("f", "t"),)
    assert Question("q", "k", ("t", "f"), TWO).caption_pairs == ()


@pytest.mark.parametrize(
    ("captions", "pictures"), [(("a",), (ONE,)), (("a", "b", "c"), TWO), (("a", "b"), ())]
)
def test_other_shapes_are_refused(captions: tuple[str, ...], pictures: tuple[Picture, ...]) -> None:
    with pytest.raises(ValueError, match="two captions|at least two"):
        Question("q", "k", captions, pictures)


def test_pictures_are_cropped_and_read_from_bytes(tmp_path: Path) -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[1:3, 2:5] = 200
    Image.fromarray(pixels).save(tmp_path / "a.png")
    cropped = load_picture(Picture(tmp_path / "a.png", (2, 1, 5, 3)))
    assert cropped.shape == (2, 3, 3)
    assert (cropped == 200).all()
    inside = Picture(tmp_path / "no-such-table", data=(tmp_path / "a.png").read_bytes())
    assert (load_picture(inside) == pixels).all()


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--images"):
        load_picture(Picture(tmp_path / "a.png"))
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(PermanentError, match=r"a\.png holds no picture"):
        load_picture(Picture(tmp_path / "a.png"))
