"""LoRA files laid over the model."""

from __future__ import annotations

import logging
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


HALF = Path(__file__).parents[3] / "data" / "inputs" / "lora_half_unknown.safetensors"


def test_a_lora_of_which_much_is_unknown_is_refused_with_the_numbers(open_tiny: OpenTiny) -> None:
    with pytest.raises(ConfigError, match=r"only 32 of its 48 layers"):
        open_tiny(lora=[{"path": str(HALF)}]).draw(DRAWS)


def test_what_fits_of_a_kohya_file_is_counted_whole(
    open_tiny: OpenTiny, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from safetensors.torch import load_file, save_file

    known = {k: v for k, v in load_file(HALF).items() if "attn9" not in k}
    save_file(known, tmp_path / "whole.safetensors")
    with caplog.at_level(logging.INFO, logger="pipeline.adapters.sdxl.lora"):
        open_tiny(lora=[{"path": str(tmp_path / "whole.safetensors")}]).draw(DRAWS)
    assert "all 32 layers" in caplog.text
    # One layer in 32 that the model lacks is said, and the rest is applied.
    name = next(iter(known)).split(".")[0]
    odd = {k.replace("attn1", "attn9") if k.startswith(name) else k: v for k, v in known.items()}
    save_file(odd, tmp_path / "odd.safetensors")
    open_tiny(lora=[{"path": str(tmp_path / "odd.safetensors")}]).draw(DRAWS)
    assert "31 of its 32 layers" in caplog.text
