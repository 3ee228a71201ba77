"""From latents to pixels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.draws import Draw
from pipeline.core.errors import PermanentError

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


SEVEN_DRAWS = [Draw(f"a{i}", "control", f"a photo of {i} dogs", i, "independent") for i in range(7)]


def test_a_picture_of_nan_is_an_error_that_names_it(open_tiny: OpenTiny) -> None:
    import torch

    renderer = open_tiny()
    with torch.no_grad():
        renderer.pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    with pytest.raises(PermanentError, match=r"anchor a0, control: .*overflowed.*bfloat16"):
        renderer.draw(SEVEN_DRAWS[:2])
