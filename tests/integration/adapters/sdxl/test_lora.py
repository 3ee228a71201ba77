"""LoRA files laid over the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError
from pipeline.core.ids import canonical_json

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


DRAWS = [
    Draw("a0", "control", "a red car on the street", 11, "same_noise"),
    Draw("a0", "min0", "a blue car on the street", 11, "same_noise"),
]


def paint(renderer: SdxlRenderer) -> NDArray[np.uint8]:
    return np.stack(renderer.draw(DRAWS))


def test_a_lora_of_scale_0_changes_nothing_and_of_scale_1_changes_the_picture(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer, lora_folder: Path
) -> None:
    plain = paint(tiny_renderer)
    off = open_tiny(lora=[{"path": str(lora_folder), "scale": 0.0}])
    file = lora_folder / "pytorch_lora_weights.safetensors"
    on = open_tiny(lora=[{"path": str(file), "scale": 1.0}])
    assert (paint(off) == plain).all()
    assert np.abs(paint(on).astype(int) - plain).mean() > 2
    assert len({r.fingerprint for r in (tiny_renderer, off, on)}) == 3
    assert str(file) in canonical_json(on.provenance)


def test_two_loras_add_up(open_tiny: OpenTiny, lora_folder: Path) -> None:
    half = {"path": str(lora_folder), "scale": 0.5}
    twice, once = open_tiny(lora=[half, half]), open_tiny(lora=[half | {"scale": 1.0}])
    assert np.abs(paint(twice).astype(int) - paint(once)).max() <= 1


def test_a_lora_that_does_not_fit_is_refused(
    open_tiny: OpenTiny, lora_folder: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    tensors = load_file(lora_folder / "pytorch_lora_weights.safetensors")
    wrong = {
        "shape.safetensors": {k: torch.zeros(3, 3) for k in tensors},
        "layer.safetensors": {f"transformer.x{k}": v for k, v in tensors.items()},
        "none.safetensors": {"weight": torch.zeros(3)},
    }
    for name, content in wrong.items():
        save_file(content, tmp_path / name)
        with pytest.raises(ConfigError, match=name):
            open_tiny(lora=[{"path": str(tmp_path / name)}]).draw(DRAWS)
    with pytest.raises(ConfigError, match=r"holds 3 \.safetensors"):
        open_tiny(lora=[{"path": str(tmp_path)}])
    (tmp_path / "old.bin").write_bytes(b"pickle")
    with pytest.raises(ConfigError, match=r"no \.safetensors file"):
        open_tiny(lora=[{"path": str(tmp_path / "old.bin")}])
