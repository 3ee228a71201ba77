"""A loaded model on its way to the device."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer

pytestmark = pytest.mark.integration


def test_a_vae_that_overflows_in_float16_is_lifted_out_of_it(tiny_renderer: SdxlRenderer) -> None:
    import copy

    import torch

    from pipeline.adapters.sdxl.placement import move_pipeline

    class Parts:
        def __init__(self, vae: Any) -> None:
            self.vae = vae

        def to(self, device: torch.device) -> None:
            self.device = device

    vae = copy.deepcopy(tiny_renderer.pipeline.vae).to(torch.float16)
    move_pipeline(Parts(vae), torch.device("cpu"))
    assert vae.dtype == torch.float32

    vae.to(torch.float16)
    vae.register_to_config(force_upcast=False)
    move_pipeline(Parts(vae), torch.device("cpu"))
    assert vae.dtype == torch.float16
