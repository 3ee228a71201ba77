"""The formulas of fine-tuning: weights of the loss, crops, order, learning rate, settings."""

from __future__ import annotations

import io
import math
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.training.loop.data_order import DataOrder
from pipeline.training.loop.optimiser import learning_rate
from pipeline.training.sdxl.batch import NoiseSettings, draw_batch
from pipeline.training.sdxl.cache import Entry
from pipeline.training.sdxl.config import (
    FinetuneConfig,
    PicturesConfig,
    TrainConfig,
    load_finetune_config,
)
from pipeline.training.sdxl.examples import Example, cut_picture, plan_crop
from pipeline.training.sdxl.objective import min_snr_weights

SMALL = PicturesConfig(width_px=64, height_px=32)


class TestMinSnr:
    """Hang et al., arXiv 2303.09556: w = min(SNR, 5) on the error of the picture x0."""

    SNR = torch.tensor([0.01, 1.0, 5.0, 20.0])

    @pytest.mark.parametrize(
        ("prediction", "expected"),
        [
            ("sample", [0.01, 1.0, 5.0, 5.0]),
            ("epsilon", [1.0, 1.0, 1.0, 0.25]),
            ("v_prediction", [0.01 / 1.01, 0.5, 5 / 6, 5 / 21]),
        ],
    )
    def test_the_papers_weights(self, prediction: str, expected: list[float]) -> None:
        weights = min_snr_weights(self.SNR, 5.0, prediction)  # type: ignore[arg-type]
        assert weights.tolist() == pytest.approx(expected)

    def test_the_three_forms_weigh_the_same_error(self) -> None:
        # At x_t = a x0 + s e with a² + s² = 1, an error d of x0 is an error a/s d of the noise
        # and 1/s d of v, and SNR = (a/s)².
        a2 = self.SNR / (1 + self.SNR)
        s2 = 1 - a2
        of_picture = min_snr_weights(self.SNR, 5.0, "sample")
        of_noise = min_snr_weights(self.SNR, 5.0, "epsilon") * a2 / s2
        of_v = min_snr_weights(self.SNR, 5.0, "v_prediction") / s2
        assert torch.allclose(of_noise, of_picture)
        assert torch.allclose(of_v, of_picture)

    @pytest.mark.parametrize(("prediction", "weight"), [("epsilon", 1.0), ("v_prediction", 0.0)])
    def test_pure_noise_has_a_finite_weight(self, prediction: str, weight: float) -> None:
        zero = torch.zeros(1)
        assert min_snr_weights(zero, 5.0, prediction).item() == weight  # type: ignore[arg-type]


class TestCrops:
    def test_the_centre_of_a_wide_picture(self) -> None:
        crop = plan_crop((100, 400), SMALL, seed=None)
        # 32 / 100 is the larger of the two scales, so the height just fits.
        assert crop.scaled_px == (32, 128)
        assert crop.corner_px == (0, 32)
        assert crop.time_ids == (100, 400, 0, 32, 32, 64)

    def test_a_small_picture_is_enlarged_and_says_so(self) -> None:
        crop = plan_crop((20, 20), SMALL, seed=None)
        assert crop.scaled_px == (64, 64)
        assert crop.time_ids == (20, 20, 16, 0, 32, 64)

    def test_random_places_stay_inside_and_depend_on_the_seed(self) -> None:
        corners = {plan_crop((100, 400), SMALL, seed=seed).corner_px for seed in range(200)}
        assert len(corners) > 20
        assert {top for top, _ in corners} == {0}
        assert min(left for _, left in corners) >= 0
        assert max(left for _, left in corners) <= 64
        again = {plan_crop((100, 400), SMALL, seed=seed).corner_px for seed in range(200)}
        assert again == corners

    def test_the_cut_pixels_are_those_of_the_recorded_place(self) -> None:
        # Columns get brighter to the right, so a column tells where it was cut.
        ramp = np.broadcast_to(np.arange(128, dtype=np.uint8)[None, :, None] * 2, (32, 128, 3))
        pixels, crop = cut_picture(_example(ramp), SMALL, seed=5)
        top, left = crop.corner_px
        assert (top, pixels.shape) == (0, (32, 64, 3))
        assert 0 < left < 64
        assert np.array_equal(pixels, ramp[:, left : left + 64])

    def test_a_turned_photograph_is_learned_upright(self) -> None:
        image = Image.fromarray(np.zeros((40, 80, 3), np.uint8))
        exif = Image.Exif()
        exif[0x0112] = 6  # shot with the camera on its side
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", exif=exif)
        _, crop = cut_picture(Example("x", "a b", buffer.getvalue()), SMALL, seed=None)
        assert crop.original_px == (80, 40)

    def test_what_is_transparent_is_white(self) -> None:
        pixels, _ = cut_picture(_example(np.zeros((32, 64, 4), np.uint8)), SMALL, seed=None)
        assert pixels.min() == 255

    def test_a_damaged_picture_is_named(self) -> None:
        with pytest.raises(PermanentError, match=r"a\.tar:7: the picture does not decode"):
            cut_picture(Example("a.tar:7", "a b", b"\xff\xd8\xffnothing"), SMALL, seed=None)


def _example(pixels: np.ndarray) -> Example:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return Example("test", "a test", buffer.getvalue())


class TestOrder:
    def test_every_pass_shows_every_example_once_in_another_order(self) -> None:
        schedule = DataOrder(seed=3, examples=20)
        passes = [[schedule.example_at(20 * epoch + i) for i in range(20)] for epoch in range(3)]
        assert all(sorted(one) == list(range(20)) for one in passes)
        assert passes[0] != passes[1] != passes[2]
        assert [DataOrder(seed=4, examples=20).example_at(i) for i in range(20)] != passes[0]

    def test_an_example_meets_the_same_noise_whatever_stands_beside_it(self) -> None:
        entries = [_entry(value) for value in (1.0, 2.0)]
        nothing = (torch.zeros(77, 8), torch.zeros(8))
        settings = NoiseSettings(offset_noise=0.1, caption_dropout=0.5, timesteps=1000)
        both = draw_batch(entries, [40, 41], nothing, settings, seed=1)
        alone = draw_batch(entries[1:], [41], nothing, settings, seed=1)
        assert torch.equal(both.noise[1:], alone.noise)
        assert torch.equal(both.latents[1:], alone.latents)
        assert torch.equal(both.timesteps[1:], alone.timesteps)
        assert not torch.equal(both.noise[0], both.noise[1])

    def test_settings_come_as_often_as_they_should(self) -> None:
        nothing = (torch.zeros(77, 8), torch.zeros(8))
        settings = NoiseSettings(offset_noise=0.5, caption_dropout=0.25, timesteps=1000)
        batch = draw_batch([_entry(1.0)] * 400, range(400), nothing, settings, seed=1)
        dropped = [not bool(tokens.any()) for tokens in batch.tokens]
        assert dropped == [not bool(pooled.any()) for pooled in batch.pooled]
        assert Counter(dropped)[True] == pytest.approx(100, abs=30)
        # Of each channel the mean moves by the offset alone: the rest averages out.
        assert batch.noise.mean(dim=(2, 3)).std().item() == pytest.approx(0.5, rel=0.15)
        assert batch.timesteps.float().mean().item() == pytest.approx(500, rel=0.1)
        assert int(batch.timesteps.max()) < 1000


def _entry(value: float) -> Entry:
    mean = torch.full((4, 16, 16), value)
    ids = torch.tensor([64, 64, 0, 0, 64, 64])
    return Entry(mean, 0.1 * torch.ones_like(mean), ids, torch.ones(77, 8), torch.ones(8))


class TestLearningRate:
    def test_it_rises_and_falls(self) -> None:
        train = TrainConfig(steps=20, warmup_steps=4, learning_rate=1.0, schedule="cosine")
        rates = [learning_rate(step, train) for step in range(21)]
        assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
        assert rates[12] == pytest.approx(0.5)
        assert rates[20] == pytest.approx(0.0)
        linear = train.model_copy(update={"schedule": "linear"})
        assert learning_rate(16, linear) == pytest.approx(0.25)
        constant = train.model_copy(update={"schedule": "constant"})
        assert learning_rate(19, constant) == 1.0
        assert math.isfinite(learning_rate(0, train.model_copy(update={"warmup_steps": 0})))


class TestSettings:
    def test_a_wrong_key_is_named_with_its_neighbour(self) -> None:
        with pytest.raises(ConfigError, match=r"did you mean train\.learning_rate\?"):
            load_finetune_config({"train.learning_rat": 1e-3})

    def test_centre_crops_do_not_differ(self) -> None:
        with pytest.raises(ConfigError, match="all center crops are the same"):
            load_finetune_config({"pictures.crops": 2})

    def test_a_warmup_leaves_room_for_the_schedule(self) -> None:
        with pytest.raises(ConfigError, match="leaves none of the 50 steps"):
            load_finetune_config({"train.steps": 50, "train.schedule": "cosine"})

    def test_more_steps_are_the_same_training_only_at_a_constant_rate(self) -> None:
        def product(schedule: str, steps: int) -> dict[str, object]:
            flags = {"train.schedule": schedule, "train.steps": steps, "train.warmup_steps": 1}
            return dict(load_finetune_config(flags).product())

        assert product("constant", 10) == product("constant", 20)
        assert product("cosine", 10) != product("cosine", 20)

    def test_every_setting_is_described(self) -> None:
        for name, field in FinetuneConfig.model_fields.items():
            section = type(field.default)
            for key, inner in getattr(section, "model_fields", {name: field}).items():
                assert inner.description, f"{name}.{key}"
