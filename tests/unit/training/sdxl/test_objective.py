"""Min-SNR weights."""

from __future__ import annotations

import pytest
import torch

from pipeline.training.sdxl.objective import min_snr_weights


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
