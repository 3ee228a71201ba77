"""From latents to pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.draws import Draw
from pipeline.core.errors import PermanentError
from pipeline.core.scores import OVERFLOW
from pipeline.core.stage import Fault

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


SEVEN_DRAWS = [Draw(f"a{i}", "control", f"a photo of {i} dogs", i, "independent") for i in range(7)]


def test_one_picture_of_nan_is_refused_and_the_others_are_whole(open_tiny: OpenTiny) -> None:
    import torch

    renderer = open_tiny()
    whole = renderer.draw(SEVEN_DRAWS)
    decode = renderer.pipeline.vae.decode

    def spoil(latents: torch.Tensor, return_dict: bool) -> tuple[torch.Tensor]:
        (values,) = decode(latents, return_dict=return_dict)
        values[3] = float("inf")
        return (values,)

    renderer.pipeline.vae.decode = spoil
    drawn = renderer.draw(SEVEN_DRAWS)
    assert isinstance(drawn[3], Fault)
    assert drawn[3].reason == OVERFLOW
    assert "decoder in float32" in drawn[3].detail
    rest = [n for n in range(7) if n != 3]
    assert all(np.array_equal(drawn[n], whole[n]) for n in rest)


def test_many_in_a_row_are_the_models_and_the_advice_fits_what_is_on(open_tiny: OpenTiny) -> None:
    import torch

    renderer = open_tiny()
    with torch.no_grad():
        renderer.pipeline.unet.conv_out.bias.fill_(float("nan"))
    refused = renderer.draw(SEVEN_DRAWS)
    assert all(isinstance(one, Fault) for one in refused)
    with pytest.raises(PermanentError, match="last 16 pictures") as caught:
        renderer.draw([*SEVEN_DRAWS, *SEVEN_DRAWS])
    assert "network in float32" in str(caught.value)
    assert "images.dtype" not in str(caught.value)
