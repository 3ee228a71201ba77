"""Every picture of a stream of sets gets its scores, whatever the batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import StageContractError
from pipeline.core.records import RenderedSet
from pipeline.core.stage import Rejected
from pipeline.scoring.stage import ScoreStage
from tests.unit.scoring.records import BLUE, GREEN, RED, ColourEncoder, make_set, picture


class Brightness:
    """Scores a picture alone, under the name of the score for unsafe pictures."""

    names = ("nsfw",)
    fingerprint = "brightness"

    def __init__(self, *, lost: int = 0, value: float | None = None) -> None:
        self.lost = lost
        self.value = value
        self.closed = 0

    def score(self, pictures: Sequence[NDArray[np.uint8]], /) -> Sequence[Mapping[str, float]]:
        found = [{"nsfw": self.value or float(p.mean()) / 255} for p in pictures]
        return found[self.lost :]

    def close(self) -> None:
        self.closed += 1


def sets(count: int) -> list[RenderedSet]:
    images = (picture("control", RED), picture("min0", BLUE), picture("full0", GREEN, seed=4))
    return [RenderedSet(make_set(), images) for _ in range(count)]


@pytest.mark.parametrize("batch_size", [1, 2, 4, 100])
def test_every_item_comes_back_in_order_with_the_same_scores(batch_size: int) -> None:
    items = [*sets(3), Rejected("a9", "text.too_long"), *sets(2)]
    stage = ScoreStage(encoder=ColourEncoder(), pictures=[Brightness()], batch_size=batch_size)
    found = list(stage.score_sets(items))
    assert len(found) == 6
    assert found[3] is items[3]
    measured = [one for one in found if isinstance(one, RenderedSet)]
    assert len(measured) == 5
    for one in measured:
        control, edit, full = one.images
        assert set(control.scores) == {"contrast", "detail", "image_text", "nsfw"}
        assert set(edit.scores) == set(full.scores)
        assert set(edit.scores) >= {"change", "hash_distance", "margin", "directional", "nsfw"}
        assert edit.scores["margin"] == pytest.approx(1, abs=1e-3)
        assert edit.scores["change"] == pytest.approx(500 / (3 * 255), abs=1e-4)
        assert edit.perceptual_hash is not None
        assert [i.scores for i in one.images] == [i.scores for i in measured[0].images]


def test_candidates_are_measured_and_the_chosen_ones_are_among_them() -> None:
    first = (picture("control", RED), picture("min0", BLUE))
    rendered = RenderedSet(make_set(), first, (*first, picture("min0", RED, candidate=1)))
    (found,) = ScoreStage(encoder=ColourEncoder()).score_sets([rendered])
    assert isinstance(found, RenderedSet)
    assert [i.scores["margin"] for i in found.candidates[1:]] == pytest.approx([1, -1], abs=1e-3)
    assert found.images == found.candidates[:2]


def test_no_set_is_read_further_ahead_than_a_batch() -> None:
    read = 0

    def source() -> Iterator[RenderedSet]:
        nonlocal read
        for one in sets(10):
            read += 1
            yield one

    stream = ScoreStage(batch_size=4).score_sets(source())
    next(stream)
    assert read == 2  # three pictures a set


def test_without_models_pixels_alone_are_measured() -> None:
    stage = ScoreStage()
    (found,) = stage.score_sets(sets(1))
    assert isinstance(found, RenderedSet)
    assert set(found.images[1].scores) == {"contrast", "detail", "change", "hash_distance"}
    assert stage.description() == {"names": ["contrast", "detail", "change", "hash_distance"]}


def test_the_fingerprint_names_the_models() -> None:
    stages = [
        ScoreStage(),
        ScoreStage(encoder=ColourEncoder()),
        ScoreStage(pictures=[Brightness()]),
        ScoreStage(encoder=ColourEncoder(), pictures=[Brightness()]),
    ]
    assert len({stage.fingerprint for stage in stages}) == 4
    assert stages[0].fingerprint == ScoreStage(batch_size=1).fingerprint


@pytest.mark.parametrize(
    ("scorer", "message"),
    [
        (Brightness(lost=1), "Brightness must give nsfw to each of 3 pictures"),
        (Brightness(value=float("nan")), "'nsfw' is nan"),
    ],
)
def test_a_scorer_that_breaks_its_contract_is_caught(scorer: Brightness, message: str) -> None:
    with pytest.raises(StageContractError, match=message):
        list(ScoreStage(pictures=[scorer]).score_sets(sets(1)))


def test_closing_frees_every_model() -> None:
    encoder, scorer = ColourEncoder(), Brightness()
    ScoreStage(encoder=encoder, pictures=[scorer]).close()
    assert (encoder.closed, scorer.closed) == (1, 1)
