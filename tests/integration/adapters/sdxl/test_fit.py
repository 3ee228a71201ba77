"""What does not fit is refused from headers, before a caption is written and a weight is read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.adapters.sdxl.fit import check_fit
from pipeline.adapters.sdxl.lora import locate_loras
from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.adapters.sdxl.weights import locate_weights
from pipeline.config.images import ImagesConfig, LoraConfig
from pipeline.core.errors import ConfigError

pytestmark = pytest.mark.integration

HALF = Path(__file__).parents[3] / "data" / "inputs" / "lora_half_unknown.safetensors"

OpenTiny = Callable[..., SdxlRenderer]


def images(model: object, *loras: object) -> ImagesConfig:
    return ImagesConfig(
        renderer="sdxl", model=str(model), lora=tuple(LoraConfig(path=str(path)) for path in loras)
    )


def check(config: ImagesConfig) -> None:
    check_fit(locate_weights(config), locate_loras(config.lora))


@pytest.mark.parametrize("model", ["builtin:tiny", "builtin:world"])
def test_whole_models_fit(model: str) -> None:
    check(images(model))


def test_loras_are_counted_without_the_weights(
    tiny_folder: Path, lora_folder: Path, tmp_path: Path
) -> None:
    check(images(tiny_folder, lora_folder))
    with pytest.raises(ConfigError, match=r"only 32 of its 48 layers"):
        check(images(tiny_folder, HALF))
    with pytest.raises(ConfigError, match=r"only 32 of its 48 layers"):
        check(images(tiny_folder, lora_folder, HALF))

    from safetensors.torch import load_file, save_file

    sized = {
        name: tensor[..., :-1].contiguous() if "lora_A" in name or "down" in name else tensor
        for name, tensor in load_file(lora_folder / "pytorch_lora_weights.safetensors").items()
    }
    save_file(sized, tmp_path / "of_another_width.safetensors")
    with pytest.raises(ConfigError, match="of_another_width"):
        check(images(tiny_folder, tmp_path / "of_another_width.safetensors"))


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("unet", "gap", r"unet/ lacks the weights"),
        ("vae", "gap", r"vae/ lacks the weights"),
        ("text_encoder", "gap", r"text_encoder/ lacks the weights"),
        ("text_encoder_2", "shape", r"of the shape \[\d+, \d+\] where the model has"),
        ("unet", "shape", r"of the shape"),
        ("unet", "config", r"does not load"),
    ],
)
def test_weights_that_do_not_fit_are_named(
    tiny_folder: Path, tmp_path: Path, part: str, fault: str, said: str
) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    (file,) = (folder / part).glob("*.safetensors")
    tensors = load_file(file)
    name = next(name for name in sorted(tensors) if tensors[name].ndim == 2)
    if fault == "gap":
        del tensors[name]
        save_file(tensors, file)
    elif fault == "shape":
        tensors[name] = tensors[name][:-1].contiguous()
        save_file(tensors, file)
    else:
        (folder / part / "config.json").write_text(json.dumps({"block_out_channels": 3}))

    with pytest.raises(ConfigError, match=said):
        check(images(folder))


@pytest.mark.parametrize("fault", ["lora", "gap"])
def test_a_run_is_refused_before_anything_is_written(
    tiny_folder: Path, tmp_path: Path, fault: str
) -> None:
    """So that the mended setting starts in the same folder, and no language model was paid."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    (tmp_path / "one.toml").write_text(
        f'[[images.lora]]\npath = "{HALF}"\n' if fault == "lora" else ""
    )
    if fault == "gap":
        (file,) = (folder / "unet").glob("*.safetensors")
        tensors = load_file(file)
        tensors.pop(sorted(tensors)[0])
        save_file(tensors, file)
    run = tmp_path / "run"
    answer = subprocess.run(
        [sys.executable, "-m", "counterfactory", "run", "-q", "--config", tmp_path / "one.toml",
         "--limit", "4", "--images", "sdxl", "--set", f"images.model={folder}", "--output", run],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert answer.returncode == 2, answer.stderr
    assert ("32 of its 48 layers" if fault == "lora" else "unet/ lacks") in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not run.exists()
